import { AddMembers, ChangeGroup, ChangeRole, ClientId, CreateGroup, Id, MembersQuery } from '@sori/contract';
import { Router } from 'express';
import { callerOf } from '../../http/require-caller.js';
import type { Groups } from './groups.js';

/** Under `/api/conversations`, for signed-in people: what can be done to groups. */
export function groupRoutes(groups: Groups): Router {
  const router = Router();

  router.post('/', async (req, res) => {
    const body = CreateGroup.parse(req.body);
    const header = req.get('idempotency-key');
    const clientId = body.clientId ?? (header === undefined ? undefined : ClientId.parse(header));
    const { conversation, repeat } = await groups.create(callerOf(res), { ...body, clientId });
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
    const { userIds } = AddMembers.parse(req.body);
    res.json(await groups.add(callerOf(res), id, userIds));
  });

  router.delete('/:id/members/:userId', async (req, res) => {
    const id = Id.parse(req.params.id);
    res.json(await groups.remove(callerOf(res), id, Id.parse(req.params.userId)));
  });

  router.patch('/:id/members/:userId', async (req, res) => {
    const id = Id.parse(req.params.id);
    const { role } = ChangeRole.parse(req.body);
    res.json(await groups.setRole(callerOf(res), id, Id.parse(req.params.userId), role));
  });

  router.post('/:id/leave', async (req, res) => {
    res.json(await groups.leave(callerOf(res), Id.parse(req.params.id)));
  });

  return router;
}
