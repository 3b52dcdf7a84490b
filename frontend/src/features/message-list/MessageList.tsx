import { useCallback, useImperativeHandle, useMemo, useRef, useState, type Ref } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { Virtuoso, type FlatIndexLocationWithAlign, type VirtuosoHandle } from 'react-virtuoso';
import type { Target } from '../conversations/target';
import { classes } from '../../ui/classes';
import { useTouch } from '../../ui/useMedia';
import { useAppStore } from '../../session/useAppStore';
import { useShake } from '../notifications/useShake';
import { ListEnd, OlderOnes, type ListContext } from './ListEnds';
import { ListRow } from './ListRow';
import { startOf } from './listStart';
import { ScrollAnchor } from './ScrollAnchor';
import { useActs } from '../messages/ThreadActs';
import { useComings } from './useComings';
import { ToFirstUnread, ToNewest } from './WaysBack';
import { useEndKey } from './useEndKey';
import { useListEnd } from './useListEnd';
import { isInSight, useMarked } from './useMarked';
import { beyondTheEdges, guessedHeight, Unplaced, useOpening } from './useOpening';
import { useReached } from './useReached';
import { useReading } from './useReading';
import { useSight } from './useSight';
import type { Thread } from './useThread';
import { useTyping } from '../composer/useTyping';
import { useWayToEnd } from './useWayToEnd';

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

/** The history, of which only what is near the screen is in the page. */
export function MessageList({ ref, target, thread, name, toSelf }: Props) {
  const { t } = useTranslation();
  const { rows, firstItemIndex } = thread;
  const { onScreen, readAll } = useReading(target);
  const shaking = useShake(thread.conversationId);
  const shakeEnded = useAppStore((state) => state.shakeEnded);
  const comings = useComings(thread.conversationId, rows);
  const virtuoso = useRef<VirtuosoHandle>(null);
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  // The same function every time: Virtuoso gives the element back and takes it again where it is another one, and each
  // of those updates waits for a moment of quiet that a storm of messages does not leave. React gives up after fifty.
  const takeScroller = useCallback(
    (element: HTMLElement | Window | null) => setScroller(element instanceof HTMLElement ? element : null),
    [],
  );
  /** The rows that are on screen, or a little beyond its edges. */
  const [shown, setShown] = useState({ first: 0, last: rows.length - 1 });
  const reached = useReached(rows, shown);
  /** Null until the list is placed: what Virtuoso says before that is about an empty one. */
  const staysAtEnd = useRef<boolean | null>(null);
  const opening = useOpening(scroller, () => startOf(thread), staysAtEnd);
  const { atEnd, wantEnd } = useListEnd(scroller, thread, opening, staysAtEnd);
  const { leave: leaveStart } = opening;
  const scrollTo = useCallback(
    (location: FlatIndexLocationWithAlign) => {
      leaveStart();
      virtuoso.current?.scrollToIndex(location);
    },
    [leaveStart],
  );
  const toEnd = useWayToEnd(thread, { scrollTo, wantEnd, staysRef: staysAtEnd, readAll });
  useImperativeHandle(ref, () => ({ toEnd }));
  const list = useRef<HTMLDivElement>(null);
  const acts = useActs();
  const touch = useTouch();
  const goBack = () => {
    toEnd();
    // What was pressed is gone with the press, and must not take the focus along. On touch it would call the keyboard.
    if (!touch) acts.toComposer();
  };
  useEndKey(list, goBack);
  const firstSeen = useSight(scroller, thread, onScreen, staysAtEnd);
  const marked = useMarked(thread, scroller, (seq) => {
    const index = rows.findIndex((row) => row.seq === seq);
    // Not placed yet: it is looked at again in a moment.
    if (staysAtEnd.current === null || index < 0 || isInSight(scroller, seq)) return;
    staysAtEnd.current = false;
    scrollTo({ index, align: 'center' });
  });
  const context = useListContext(thread, target);
  const hasNew = hasNewBelow(thread, atEnd, firstSeen);

  return (
    <div ref={list} className="relative h-full" onBlur={reached.onBlur}>
      <ScrollAnchor scroller={atEnd ? null : scroller} firstItemIndex={firstItemIndex} />
      <Virtuoso
        ref={virtuoso}
        scrollerRef={takeScroller}
        role="group"
        // Its messages are what the Tab key comes to.
        tabIndex={-1}
        aria-label={t('conversation.messages')}
        className={classes('overscroll-contain', !opening.isSettled && 'opacity-0')}
        data={rows}
        context={context}
        components={{ Header: OlderOnes, Footer: ListEnd }}
        computeItemKey={(_, row) => row.key}
        firstItemIndex={firstItemIndex}
        defaultItemHeight={guessedHeight}
        alignToBottom
        // Sizes are taken in the frame in which they changed: a frame later, one would see older messages jump.
        skipAnimationFrameInResizeObserver
        increaseViewportBy={opening.isPainted ? beyondTheEdges : 0}
        rangeChanged={({ startIndex, endIndex }) =>
          setShown({ first: startIndex - firstItemIndex, last: endIndex - firstItemIndex })
        }
        startReached={() => {
          if (thread.hasOlder) thread.loadOlder();
        }}
        endReached={() => {
          if (thread.hasNewer) thread.loadNewer();
        }}
        itemContent={(index, row) =>
          opening.isPlaced ? (
            <ListRow
              {...{ row, target, thread, name, toSelf, comings, marked, shaking, reached }}
              index={index - firstItemIndex}
              onShaken={shakeEnded}
            />
          ) : (
            <Unplaced onHere={opening.place} />
          )
        }
      />
      <ToFirstUnread thread={thread} firstShown={shown.first} />
      {(hasNew || !atEnd || thread.hasNewer) && <ToNewest thread={thread} hasNew={hasNew} onPress={goBack} />}
    </div>
  );
}

/** What stands above and below the rows. */
function useListContext(thread: Thread, target: Target): ListContext {
  const typists = useTyping(target).people;
  const { hasOlder, older, hasNewer, newer, retry } = thread;
  return useMemo<ListContext>(
    () => ({ hasOlder, older, hasNewer, newer, retry, typists }),
    [hasOlder, older, hasNewer, newer, retry, typists],
  );
}

/** Whether there is something new below. At the end nothing is new but what was passed too fast to be read. */
const hasNewBelow = (
  { rows, newAfter, newCount, hasNewer }: Thread,
  atEnd: boolean,
  firstSeen: number,
): boolean => {
  const nextToRead = rows.find(({ mine, seq }) => !mine && seq !== null && seq > (newAfter ?? 0));
  return newCount > 0 && (!atEnd || hasNewer || (nextToRead?.seq ?? 0) < firstSeen);
};
