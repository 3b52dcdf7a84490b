import { ArrowDown } from 'lucide-react';
import { useImperativeHandle, useLayoutEffect, useMemo, useRef, useState, type Ref } from 'react';
import { useTranslation } from 'react-i18next';
import { Virtuoso, type VirtuosoHandle } from 'react-virtuoso';
import type { Target } from '../conversations/target';
import { useShake } from '../notifications/useShake';
import { Beginning, ListEnd, OlderOnes, type ListContext } from './ListEnds';
import { MessageRow } from './MessageRow';
import { DaySeparator, UnreadDivider } from './Separators';
import { SteadyEye } from './SteadyEye';
import { useOnScreen } from './useOnScreen';
import { useReading } from './useReading';
import { useSend } from './useSend';
import type { Thread, ThreadRow } from './useThread';

export type MessageListHandle = {
  /** Shows the newest message, from wherever the reader is. */
  toEnd: () => void;
};

type Props = {
  ref: Ref<MessageListHandle>;
  target: Target;
  thread: Thread;
  name: string;
  toSelf: boolean;
};

/** Nearer than this to the end, in pixels, one is at the end: new messages are followed. */
const nearTheEnd = 100;

/** The history, of which only what is near the screen is in the page. */
export function MessageList({ ref, target, thread, name, toSelf }: Props) {
  const { t } = useTranslation();
  const { rows } = thread;
  const { retry, discard } = useSend(target);
  const { onScreen } = useReading(target);
  const shaking = useShake(thread.conversationId);
  const virtuoso = useRef<VirtuosoHandle>(null);
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [start] = useState(() => startOf(rows));
  useOnScreen(scroller, onScreen);

  /** Set by one's own send until the new row is in the list. */
  const wantsEnd = useRef(false);
  const scrollToEnd = () => virtuoso.current?.scrollToIndex({ index: 'LAST', align: 'end' });
  const toEnd = () => {
    if (thread.hasNewer) thread.goToNewest();
    wantsEnd.current = true;
    scrollToEnd();
  };
  useImperativeHandle(ref, () => ({ toEnd }));
  useLayoutEffect(() => {
    if (!wantsEnd.current || thread.hasNewer) return;
    wantsEnd.current = false;
    scrollToEnd();
  }, [rows, thread.hasNewer]);

  const context = useMemo<ListContext>(
    () => ({ hasOlder: thread.hasOlder, older: thread.older, loadOlder: thread.loadOlder }),
    [thread.hasOlder, thread.older, thread.loadOlder],
  );
  const showAuthor = thread.conversation !== null && thread.conversation.kind !== 'direct';
  const showStatus = (row: ThreadRow, next: ThreadRow | undefined) =>
    row.endsGroup || row.status !== next?.status;

  return (
    <div className="relative h-full">
      <SteadyEye scroller={atEnd ? null : scroller} firstItemIndex={thread.firstItemIndex} />
      <Virtuoso
        ref={virtuoso}
        scrollerRef={(element) => setScroller(element instanceof HTMLElement ? element : null)}
        aria-label={t('conversation.messages')}
        className="overscroll-contain"
        data={rows}
        context={context}
        components={{ Header: OlderOnes, Footer: ListEnd }}
        computeItemKey={(_, row) => row.key}
        firstItemIndex={thread.firstItemIndex}
        initialTopMostItemIndex={start}
        alignToBottom
        // Sizes are taken in the frame in which they changed: a frame later, one would see older messages jump.
        skipAnimationFrameInResizeObserver
        followOutput={(isAtEnd) => (isAtEnd && !thread.hasNewer ? 'auto' : false)}
        atBottomThreshold={nearTheEnd}
        atBottomStateChange={(isAtEnd) => {
          setAtEnd(isAtEnd);
          thread.atEndChanged(isAtEnd);
        }}
        increaseViewportBy={{ top: 800, bottom: 400 }}
        startReached={() => {
          if (thread.hasOlder) thread.loadOlder();
        }}
        endReached={() => {
          if (thread.hasNewer) thread.loadNewer();
        }}
        itemContent={(index, row) => (
          <>
            {index === thread.firstItemIndex && !thread.hasOlder && <Beginning name={name} toSelf={toSelf} />}
            {row.day !== null && <DaySeparator day={row.day} />}
            {row.unreadDivider && <UnreadDivider />}
            <MessageRow
              row={row}
              showAuthor={showAuthor}
              showStatus={showStatus(row, rows[index - thread.firstItemIndex + 1])}
              shaking={row.seq !== null && row.seq === shaking}
              onRetry={retry}
              onDiscard={discard}
            />
          </>
        )}
      />
      {thread.newCount > 0 ? (
        <button
          type="button"
          data-testid="new-pill"
          onClick={toEnd}
          className="absolute bottom-3 left-1/2 flex h-9 -translate-x-1/2 animate-rise items-center gap-1.5 rounded-full bg-jjok pr-4 pl-3 text-sm font-semibold whitespace-nowrap text-on-jjok shadow-float hover:bg-jjok-strong max-wide:h-11"
        >
          <ArrowDown className="size-4" aria-hidden="true" />
          {t('conversation.newMessages', { count: thread.newCount })}
        </button>
      ) : (
        (!atEnd || thread.hasNewer) && (
          <button
            type="button"
            aria-label={t('conversation.toLatest')}
            title={t('conversation.toLatest')}
            onClick={toEnd}
            className="absolute right-5 bottom-3 grid size-10 animate-appear place-items-center rounded-full border border-hairline bg-raised text-muted shadow-float hover:text-ink max-wide:size-11"
          >
            <ArrowDown className="size-4.5" />
          </button>
        )
      )}
    </div>
  );
}

/** Where the reader left off, a little below the top; without anything unread, the end. */
const startOf = (rows: readonly ThreadRow[]) => {
  const unread = rows.findIndex((row) => row.unreadDivider);
  return unread > 0
    ? ({ index: unread, align: 'start', offset: -64 } as const)
    : ({ index: 'LAST', align: 'end' } as const);
};
