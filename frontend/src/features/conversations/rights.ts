import type { Conversation, Id, Role } from '@sori/contract';

/** The caller's own role, as the conversation tells it. */
export const roleIn = ({ members }: Pick<Conversation, 'members'>, userId: Id): Role =>
  members.find((member) => member.userId === userId)?.role ?? 'member';

/** Renames, adds, removes, says what newcomers see. The server decides; this only offers nothing that it would refuse. */
export const manages = (role: Role): boolean => role !== 'member';

/** Whether somebody of the first role may remove somebody of the second. */
export const mayRemove = (mine: Role, theirs: Role): boolean =>
  mine === 'owner' || (mine === 'admin' && theirs === 'member');

/** What somebody of the first role can make of somebody of the second. */
export const rolesToGive = (mine: Role, theirs: Role): Role[] =>
  mine === 'owner' ? (['owner', 'admin', 'member'] as const).filter((role) => role !== theirs) : [];
