import {
  AddMembers,
  ChangeGroup,
  ChangeRole,
  CreateGroup,
  Departure,
  Id,
  MembersQuery,
} from '@sori/contract';
import { type Request, Router } from 'express';
import { clientIdOf } from '../../http/client-id.js';
import { callerOf } from '../../http/require-caller.js';
import type { Groups } from './groups.js';

/** Under `/api/conversations`, for signed-in people: what can be done to groups. */
export function groupRoutes(groups: Groups): Router {
  const router = Router();

  router.post('/', async (req, res) => {
    const body = CreateGroup.parse(req.body);
    const asked = { ...body, clientId: clientIdOf(req, body) };
    const { conversation, repeat } = await groups.create(callerOf(res), asked);
    if (repeat) res.setHeader('Idempotent-Replayed', 'true');
    res.status(201).json(conversation);
  });

  router.patch('/:id', async (req, res) => {
    const id = Id.parse(req.params.id);
    res.json(await groups.update(callerOf(res), id, ChangeGroup.parse(req.body)));
  });

  router.get('/:id/members', async (req, res) => {
    const id = Id.parse(req.params.id);
    const query = MembersQuery.parse(req.query);
    res.json(await groups.list(callerOf(res), id, query));
  });

  router.post('/:id/members', async (req, res) => {
    const id = Id.parse(req.params.id);
    const body = AddMembers.parse(req.body);
    res.json(await groups.add(callerOf(res), id, body.userIds, clientIdOf(req, body)));
  });

  router.delete('/:id/members/:userId', async (req, res) => {
    const [id, userId] = [Id.parse(req.params.id), Id.parse(req.params.userId)];
    res.json(await groups.remove(callerOf(res), id, userId, departing(req)));
  });

  router.patch('/:id/members/:userId', async (req, res) => {
    const [id, userId] = [Id.parse(req.params.id), Id.parse(req.params.userId)];
    const body = ChangeRole.parse(req.body);
    res.json(await groups.setRole(callerOf(res), id, userId, body.role, clientIdOf(req, body)));
  });

  router.post('/:id/leave', async (req, res) => {
    res.json(await groups.leave(callerOf(res), Id.parse(req.params.id), departing(req)));
  });

  return router;
}

const departing = (req: Request<object>): string | undefined =>
  clientIdOf(req, Departure.parse(req.body ?? {}));
