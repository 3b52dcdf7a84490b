import {
  AddMembers,
  ChangeGroup,
  ChangeRole,
  CreateGroup,
  Departure,
  Id,
  MembersQuery,
} from '@sori/contract';
import { type Request, type RequestHandler, Router } from 'express';
import { clientIdOf } from '../../http/client-id.js';
import { callerOf } from '../../http/require-caller.js';
import type { Groups } from './group.service.js';

/**
 * Under `/api/conversations`, for signed-in people: what can be done to groups.
 * @param counted counts by the address what is told to others
 */
export function groupRoutes(groups: Groups, counted: RequestHandler): Router {
  const router = Router();

  router.post('/', counted, async (req, res) => {
    const body = CreateGroup.parse(req.body);
    const asked = { ...body, clientId: clientIdOf(req, body) };
    const { conversation, repeat } = await groups.create(callerOf(res), asked);
    if (repeat) res.setHeader('Idempotent-Replayed', 'true');
    res.status(201).json(conversation);
  });

  router.patch('/:id', counted, async (req, res) => {
    const id = Id.parse(req.params.id);
    res.json(await groups.update(callerOf(res), id, ChangeGroup.parse(req.body)));
  });

  router.get('/:id/members', async (req, res) => {
    const id = Id.parse(req.params.id);
    const query = MembersQuery.parse(req.query);
    res.json(await groups.list(callerOf(res), id, query));
  });

  router.post('/:id/members', counted, async (req, res) => {
    const id = Id.parse(req.params.id);
    const body = AddMembers.parse(req.body);
    res.json(await groups.add(callerOf(res), id, body.userIds, clientIdOf(req, body)));
  });

  router.post('/:id/members/me', counted, async (req, res) => {
    res.json(await groups.comeBack(callerOf(res), Id.parse(req.params.id), bareClientId(req)));
  });

  router.delete('/:id/members/:userId', counted, async (req, res) => {
    const [id, userId] = [Id.parse(req.params.id), Id.parse(req.params.userId)];
    res.json(await groups.remove(callerOf(res), id, userId, bareClientId(req)));
  });

  router.patch('/:id/members/:userId', counted, async (req, res) => {
    const [id, userId] = [Id.parse(req.params.id), Id.parse(req.params.userId)];
    const body = ChangeRole.parse(req.body);
    res.json(await groups.setRole(callerOf(res), id, userId, body.role, clientIdOf(req, body)));
  });

  router.post('/:id/leave', counted, async (req, res) => {
    res.json(await groups.leave(callerOf(res), Id.parse(req.params.id), bareClientId(req)));
  });

  return router;
}

const bareClientId = (req: Request<object>): string | undefined =>
  clientIdOf(req, Departure.parse(req.body ?? {}));
