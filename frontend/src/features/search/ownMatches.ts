import { searchedName, type Person } from '@sori/contract';
import type { ConversationRow } from '../conversations/conversationRows';
import { foundAt } from '../people/hangulMatch';

/** What a search finds that the server is not asked for: oneself, and the groups and rooms that one is in. */
export type OwnMatches = { me: Person | null; groups: readonly ConversationRow[] };

export const ownMatches = (
  query: string,
  me: Person | null,
  rows: readonly ConversationRow[],
): OwnMatches => {
  const wanted = searchedName(query);
  const has = (name: string): boolean => foundAt(name, wanted) >= 0;
  return {
    me: me !== null && (has(me.fullName) || has(me.username)) ? me : null,
    groups: rows.filter(({ conversation, name }) => conversation.kind !== 'direct' && has(name)),
  };
};
