import { ChangeRoom, CreateRoom, EnterRoom, RoomTarget } from '@sori/contract';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Caller } from '../../core/caller.js';
import { addressOf, placeOf } from '../../http/address.js';
import {
  type Authenticate,
  callerOf,
  letThrough,
  requireCaller,
  requireVisitor,
  visitorOf,
  type Visitors,
} from '../../http/require-caller.js';
import {
  clearSessionCookie,
  type CookieRule,
  guestCookie,
  setSessionCookie,
} from '../../http/session-cookie.js';
import type { Rooms } from './room.service.js';

type Slugged = { slug: string };

export interface RoomDoors {
  /** Accounts only. */
  account: Authenticate;
  visitors: Visitors;
}

/** Under `/api/rooms`: for everybody with the link, and in parts for those who have entered. */
/** @param counted counts by the address what others hear of. */
export function roomRoutes(
  rooms: Rooms,
  { account, visitors }: RoomDoors,
  config: CookieRule,
  counted: RequestHandler,
): Router {
  const router = Router();
  const entered: RequestHandler<Slugged> = requireVisitor(visitors, () => true);

  router.post('/', requireCaller(account), counted, async (req, res) => {
    res.status(201).json(await rooms.create(callerOf(res), CreateRoom.parse(req.body)));
  });

  /** Whoever asks, counted and in their turn where it is known who that is. */
  async function anyone(req: Request, res: Response): Promise<Caller | null> {
    const caller = await visitorOf(req.headers, visitors.authenticate);
    if (caller !== null) await letThrough(res, caller);
    return caller;
  }

  router.get('/:slug', async (req, res) => {
    const caller = await anyone(req, res);
    res.json(await rooms.get(caller, req.params.slug));
  });

  router.post('/:slug/enter', async (req, res) => {
    const asked = EnterRoom.parse(req.body ?? {});
    const visit = {
      caller: await anyone(req, res),
      place: placeOf(req, config.trustProxyHops),
    };
    const { room, token } = await rooms.enter(visit, req.params.slug, asked);
    if (token !== undefined) setSessionCookie(req, res, token, config, guestCookie);
    res.json(room);
  });

  router.get<Slugged>('/:slug/here', entered, async (req, res) => {
    res.json(await rooms.here(callerOf(res), req.params.slug));
  });

  router.post<Slugged>('/:slug/leave', entered, async (req, res) => {
    const caller = callerOf(res);
    const slug = req.params.slug;
    await rooms.leave(caller, slug, addressOf(req, config.trustProxyHops));
    if (caller.guest) clearSessionCookie(req, res, config, guestCookie);
    res.json(await rooms.get(null, slug));
  });

  router.post<Slugged>('/:slug/kick', entered, counted as RequestHandler<Slugged>, async (req, res) => {
    const slug = req.params.slug;
    await rooms.kick(callerOf(res), slug, RoomTarget.parse(req.body).userId);
    res.json(await rooms.get(callerOf(res), slug));
  });

  router.post<Slugged>('/:slug/ban', entered, counted as RequestHandler<Slugged>, async (req, res) => {
    const slug = req.params.slug;
    await rooms.ban(callerOf(res), slug, RoomTarget.parse(req.body).userId);
    res.json(await rooms.get(callerOf(res), slug));
  });

  router.patch<Slugged>('/:slug', entered, counted as RequestHandler<Slugged>, async (req, res) => {
    const slug = req.params.slug;
    await rooms.change(callerOf(res), slug, ChangeRoom.parse(req.body));
    res.json(await rooms.get(callerOf(res), slug));
  });

  router.delete<Slugged>('/:slug', entered, counted as RequestHandler<Slugged>, async (req, res) => {
    await rooms.remove(callerOf(res), req.params.slug);
    res.status(204).end();
  });

  return router;
}
