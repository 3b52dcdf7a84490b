import { limits, type Role } from '@sori/contract';
import type { Audience } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { refused } from '../../core/errors.js';
import { forbidden, manages } from '../members/audiences.js';
import type { Group } from './group-changes.js';

/** Who may what in a group, and how many it holds. */

/** @throws AppError REFUSED */
export function requireSpace(count: number): void {
  if (count > limits.groupMembersMax)
    throw refused('groupFull', `A group has at most ${limits.groupMembersMax} members`);
}

/** @throws AppError FORBIDDEN */
export function requireManager({ userId }: Caller, group: Audience): void {
  if (!manages(group, userId)) throw forbidden('Only an owner or an admin can do that');
}

export const roleIn = ({ members }: Group, userId: string): Role => members.get(userId)?.role ?? 'member';

export const isLastOwner = ({ members }: Group, userId: string): boolean =>
  members.get(userId)?.role === 'owner' &&
  ![...members].some(([id, { role }]) => id !== userId && role === 'owner');

/** Who takes over: the longest-standing admin, else member. Nobody, where nobody else is left. */
export function successorOf({ participants, members }: Group, userId: string): string | undefined {
  const others = participants.filter((id) => id !== userId);
  return others.find((id) => members.get(id)?.role === 'admin') ?? others[0];
}
