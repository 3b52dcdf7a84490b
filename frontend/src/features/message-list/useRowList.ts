import { isFromNewer } from '@sori/client';
import type { Conversation } from '@sori/contract';
import { useMemo, useState } from 'react';
import { keyOf, myId } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import type { Window } from '../../store/window';
import { useNoticesShown } from '../notices/noticesShown';
import type { Target } from '../conversations/target';
import { buildRows, noRows, rowsAfter, type RowList, type RowsInput } from '../messages/rows';
import type { ThreadRow } from '../messages/threadRow';

const noMembers: Conversation['members'] = [];
const nothingUnsent: RowsInput['outbox'] = [];
const noMessages: Window['messages'] = [];
const noNotices: Window['notices'] = [];

/**
 * The rows of a thread, with indexes that stay while rows are added above.
 * @param isFound false while what was said there is being looked up: then there are none
 */
export function useRowList(
  target: Target,
  conversation: Conversation | null,
  window: Window | undefined,
  isFound: boolean,
): RowList {
  const key = useAppStore((state) => keyOf(state, target));
  const outbox = useAppStore((state) => (isFound ? state.outbox[key] : undefined) ?? nothingUnsent);
  const people = useAppStore((state) => state.people);
  const me = useAppStore(myId);
  const dividerAfter = useAppStore((state) => state.dividers[key] ?? null);
  const changes = useAppStore((state) => state.changes);
  const receipts = useAppStore(({ settings }) => settings?.receipts ?? true);
  // Of a large group only some are told: whether all the others have read, nobody can say then.
  const members =
    conversation !== null && conversation.members.length >= conversation.memberCount
      ? conversation.members
      : noMembers;
  const shownNotices = useNoticesShown();
  // A room's log tells of nobody's coming and going; that it was opened is no news to who comes in.
  const showsNotices = shownNotices && conversation?.kind !== 'room';
  const all = window?.notices ?? noNotices;
  const notices = useMemo(() => (showsNotices ? all : all.filter(isFromNewer)), [showsNotices, all]);
  const messages = (isFound ? window?.messages : undefined) ?? noMessages;
  const hasNewer = window?.hasNewer === true && !window.goesToEnd;
  const hasOlder = window?.hasOlder ?? false;

  const next = useMemo(
    () =>
      buildRows({
        messages,
        notices,
        hasNewer,
        hasOlder,
        outbox,
        me,
        people,
        members,
        dividerAfter,
        changes,
        receipts,
      }),
    [messages, notices, hasNewer, hasOlder, outbox, me, people, members, dividerAfter, changes, receipts],
  );

  const [shown, setShown] = useState<{ of: readonly ThreadRow[]; list: RowList }>({ of: [], list: noRows });
  if (shown.of === next) return shown.list;
  const list = rowsAfter(shown.list, next);
  setShown({ of: next, list });
  return list;
}
