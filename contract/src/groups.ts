import * as z from 'zod/mini';
import { bounded } from './bounded.js';
import { Role } from './entries.js';
import { limits } from './limits.js';
import { PeopleQuery, Person } from './people.js';
import { ClientId, Id } from './primitives.js';
import { codePoints, isVisibleName } from './text.js';

/** Where the log begins for those who join from now on: at its first entry, or at the one of their own joining. */
export const GroupHistory = z.enum(['all', 'since-joining']);
export type GroupHistory = z.infer<typeof GroupHistory>;

export const GroupName = bounded('name', limits.conversationNameMax).check(
  z.trim(),
  z.normalize('NFC'),
  z.refine(isVisibleName, 'A name has visible characters only'),
  z.refine((name) => codePoints(name) <= limits.conversationNameMax, {
    error: `A name has at most ${limits.conversationNameMax} characters`,
  }),
);

const UserIds = (name: string) =>
  z.pipe(
    z
      .array(Id, { error: `${name} must be a list` })
      .check(z.maxLength(limits.groupMembersMax, `A group has at most ${limits.groupMembersMax} members`)),
    z.transform((ids: string[]) => [...new Set(ids)]),
  );

/** The body of `POST /api/conversations`. The caller becomes the owner, whether the list names them or not. */
export const CreateGroup = z.object({
  name: GroupName,
  memberIds: UserIds('memberIds'),
  history: z._default(GroupHistory, 'all'),
  /** The same again makes no second group; the header `Idempotency-Key` may carry it as well. */
  clientId: z.optional(ClientId),
});
export type CreateGroup = z.infer<typeof CreateGroup>;

/** The body of `PATCH /api/conversations/:id`: what is to change. `history` changes nothing for who is there already. */
export const ChangeGroup = z.object({ name: z.optional(GroupName), history: z.optional(GroupHistory) });
export type ChangeGroup = z.infer<typeof ChangeGroup>;

/**
 * What every coming, going and role may carry: the same again is the same one, however late a try arrives. The header
 * `Idempotency-Key` may carry it as well.
 */
const asked = { clientId: z.optional(ClientId) };

/** The body of `POST /api/conversations/:id/members`. Who is there already is passed over. */
export const AddMembers = z.object({
  userIds: UserIds('userIds').check(z.minLength(1, 'userIds is empty')),
  ...asked,
});
export type AddMembers = z.infer<typeof AddMembers>;

/** The body of `PATCH /api/conversations/:id/members/:userId`. */
export const ChangeRole = z.object({ role: Role, ...asked });
export type ChangeRole = z.infer<typeof ChangeRole>;

/** The body, if any, of `DELETE /api/conversations/:id/members/:userId` and `POST /api/conversations/:id/leave`. */
export const Departure = z.object(asked);
export type Departure = z.infer<typeof Departure>;

/** The query of `GET /api/conversations/:id/members`: everybody by id, or those whom the search finds. */
export const MembersQuery = PeopleQuery;
export type MembersQuery = z.infer<typeof MembersQuery>;

/** What `GET /api/conversations/:id/members` lists. */
export const Member = z.extend(Person, { role: z.catch(Role, 'member') });
export type Member = z.infer<typeof Member>;
