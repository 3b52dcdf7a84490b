import {
  useCallback,
  useEffect,
  useEffectEvent,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type Ref,
} from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { Virtuoso, type VirtuosoHandle } from 'react-virtuoso';
import type { Target } from '../conversations/target';
import { classes } from '../../ui/classes';
import { useTouch } from '../../ui/useMedia';
import { NoticeLines } from '../groups/NoticeLines';
import { useAppStore } from '../../store/useAppStore';
import { useShake } from '../notifications/useShake';
import { Comings } from '../rooms/Comings';
import { useComings } from '../rooms/useComings';
import { Beginning, ListEnd, OlderOnes, type ListContext } from './ListEnds';
import { MessageRow } from './MessageRow';
import { RowHead } from './RowHead';
import { SteadyEye } from './SteadyEye';
import { useActs } from './ThreadActs';
import { ToFirstUnread, ToNewest } from './WaysBack';
import { useKeepEnd } from './useKeepEnd';
import { isInSight, useMarked } from './useMarked';
import { useOnScreen } from './useOnScreen';
import { beyondTheEdges, guessedHeight, Unplaced, useOpening, type Place } from './useOpening';
import { useReading } from './useReading';
import type { ThreadRow } from './threadRow';
import type { Thread } from './useThread';
import { useTyping } from './useTyping';

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
  const { onScreen } = useReading(target);
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
  const [atEnd, setAtEnd] = useState(true);
  /** The rows that are on screen, or a little beyond its edges. */
  const [shown, setShown] = useState({ first: 0, last: rows.length - 1 });
  /** The message in which the keyboard is. */
  const [reached, setReached] = useState<string | null>(null);
  const isThere = rows.slice(shown.first, shown.last + 1).some(({ key }) => key === reached);
  const stop = isThere ? reached : null;
  useOnScreen(scroller, onScreen);
  useKeepEnd(scroller, nearTheEnd);

  /** Null until the list is placed: what Virtuoso says before that is about an empty one. */
  const staysAtEnd = useRef<boolean | null>(null);
  const opening = useOpening(virtuoso, scroller, () => startOf(thread), staysAtEnd);
  /** Set by one's own send until the new row is in the list. */
  const wantsEnd = useRef(false);
  const scrollToEnd = () => virtuoso.current?.scrollToIndex({ index: 'LAST', align: 'end' });
  const toEnd = () => {
    if (thread.hasNewer) thread.goToNewest();
    wantsEnd.current = true;
    scrollToEnd();
  };
  const acts = useActs();
  const touch = useTouch();
  const goBack = () => {
    toEnd();
    // The button is gone with the press, and must not take the focus along. On touch it would call the keyboard.
    if (!touch) acts.toComposer();
  };
  useImperativeHandle(ref, () => ({ toEnd }));
  useLayoutEffect(() => {
    if (!wantsEnd.current || thread.hasNewer) return;
    wantsEnd.current = false;
    staysAtEnd.current = true;
    scrollToEnd();
  }, [rows, thread.hasNewer]);
  const isAtEdge = useEffectEvent(
    () =>
      scroller !== null && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight <= nearTheEnd,
  );
  /** The edge of what is loaded is the end of all: not while there is more, nor until the last of it has its heights. */
  const [edgeIsEnd, setEdgeIsEnd] = useState(!thread.hasNewer);
  if (thread.hasNewer && edgeIsEnd) setEdgeIsEnd(false);
  useEffect(() => {
    if (thread.hasNewer || edgeIsEnd) return undefined;
    return afterFrames(2, () => {
      // Nothing came, or no more than fits.
      if (staysAtEnd.current === false) staysAtEnd.current = isAtEdge();
      setEdgeIsEnd(true);
    });
  }, [thread.hasNewer, edgeIsEnd]);

  const marked = useMarked(thread, scroller, (seq) => {
    const index = rows.findIndex((row) => row.seq === seq);
    // Not placed yet: it is looked at again in a moment.
    if (staysAtEnd.current === null || index < 0 || isInSight(scroller, seq)) return;
    staysAtEnd.current = false;
    virtuoso.current?.scrollToIndex({ index, align: 'center' });
  });

  const typists = useTyping(target).people;
  const context = useMemo<ListContext>(
    () => ({ hasOlder: thread.hasOlder, older: thread.older, loadOlder: thread.loadOlder, typists }),
    [thread.hasOlder, thread.older, thread.loadOlder, typists],
  );
  const showAuthor = thread.conversation !== null && thread.conversation.kind !== 'direct';
  const showStatus = (row: ThreadRow, next: ThreadRow | undefined) =>
    row.endsGroup || row.status !== next?.status;

  return (
    <div
      className="relative h-full"
      onBlur={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) setReached(null);
      }}
    >
      <SteadyEye scroller={atEnd ? null : scroller} firstItemIndex={thread.firstItemIndex} />
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
        firstItemIndex={thread.firstItemIndex}
        defaultItemHeight={guessedHeight}
        alignToBottom
        // Sizes are taken in the frame in which they changed: a frame later, one would see older messages jump.
        skipAnimationFrameInResizeObserver
        // Not while it opens: Virtuoso would take what it measures then for something new below an end that was in sight.
        // Nor at the edge of what is loaded: whoever waits there wants to read what comes next, from its beginning.
        followOutput={
          opening.isPainted &&
          edgeIsEnd &&
          ((isAtEnd) => (isAtEnd && staysAtEnd.current === true ? 'auto' : false))
        }
        atBottomThreshold={nearTheEnd}
        // A message that grows, by a reaction or new words, does not push the newest one out of sight.
        totalListHeightChanged={() => {
          if (staysAtEnd.current === true) virtuoso.current?.autoscrollToBottom();
        }}
        atBottomStateChange={(isAtEnd) => {
          if (staysAtEnd.current === null) return;
          staysAtEnd.current = isAtEnd && edgeIsEnd;
          setAtEnd(isAtEnd);
          thread.atEndChanged(isAtEnd);
        }}
        increaseViewportBy={opening.isPainted ? beyondTheEdges : 0}
        rangeChanged={({ startIndex, endIndex }) =>
          setShown({ first: startIndex - thread.firstItemIndex, last: endIndex - thread.firstItemIndex })
        }
        startReached={() => {
          if (thread.hasOlder) thread.loadOlder();
        }}
        endReached={() => {
          if (thread.hasNewer) thread.loadNewer();
        }}
        itemContent={(index, row) => {
          if (!opening.isPlaced) return <Unplaced onHere={opening.place} />;
          return (
            <>
              {index === thread.firstItemIndex && !thread.hasOlder && (
                <Beginning thread={thread} name={name} toSelf={toSelf} />
              )}
              <RowHead row={row} />
              <Comings comings={comings.above(row.key)} />
              <MessageRow
                row={row}
                target={target}
                showAuthor={showAuthor}
                showStatus={showStatus(row, rows[index - thread.firstItemIndex + 1])}
                shaking={row.seq !== null && row.seq === shaking}
                onShaken={shakeEnded}
                marked={row.seq !== null && row.seq === marked}
                isStop={stop === null ? index === thread.firstItemIndex + shown.last : row.key === stop}
                isReached={row.key === stop}
                onReached={setReached}
              />
              <NoticeLines notices={row.noticesBelow} />
              {index === thread.firstItemIndex + rows.length - 1 && <Comings comings={comings.below} />}
            </>
          );
        }}
      />
      <ToFirstUnread thread={thread} firstShown={shown.first} />
      {(thread.newCount > 0 || !atEnd || thread.hasNewer) && <ToNewest thread={thread} onPress={goBack} />}
    </div>
  );
}

/** Does it that many frames later, unless the returned function is called. */
const afterFrames = (frames: number, work: () => void): (() => void) => {
  let id = 0;
  const next = (left: number) => {
    id = requestAnimationFrame(() => (left > 1 ? next(left - 1) : work()));
  };
  next(frames);
  return () => cancelAnimationFrame(id);
};

/** Where the reader left off, a little below the top; without anything unread, the end. */
const startOf = ({ rows, hasOlder }: Thread): Place => {
  const unread = rows.findIndex((row) => row.unreadDivider);
  // The first of all that is here, with more above it: then the divider belongs further up, and there is a way there.
  return unread > 0 || (unread === 0 && !hasOlder)
    ? { index: unread, align: 'start', offset: -64 }
    : { index: 'LAST', align: 'end' };
};
