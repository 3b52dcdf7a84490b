import type { ConversationKind, Role } from '@sori/contract';
import { notFound } from './errors.js';

/** What counts about somebody's membership in a group. */
export interface Membership {
  role: Role;
  /** Seq of the entry by which this person came. */
  joinSeq: number;
  /** Where the log begins for this person. */
  firstSeq: number;
}

/** The recipients of a conversation's entries, and the rule by which they are. */
export interface Audience {
  conversationId: string;
  kind: ConversationKind;
  /** Everybody in it; in a group the longest-standing first. */
  participants: readonly string[];
  /** Groups: seq of the change of membership after which it is so. Elsewhere nothing in the log changes who is in it. */
  membersVersion: number;
  /** Groups only. */
  members?: ReadonlyMap<string, Membership>;
}

export const isIn = ({ members, participants }: Audience, userId: string): boolean =>
  members ? members.has(userId) : participants.includes(userId);

/** Where a conversation's log begins for this person, as far as that depends on when they came. */
export const firstSeqOf = ({ members }: Audience, userId: string): number =>
  members?.get(userId)?.firstSeq ?? 1;

/** The other person of a direct conversation; oneself where somebody writes to themselves. */
export function otherThan({ participants }: Audience, userId: string): string {
  const other = participants.find((id) => id !== userId) ?? participants[0];
  if (other === undefined) throw notFound();
  return other;
}
