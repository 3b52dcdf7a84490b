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
import { Virtuoso, type FlatIndexLocationWithAlign, type VirtuosoHandle } from 'react-virtuoso';
import type { Target } from '../conversations/target';
import { classes } from '../../ui/classes';
import { useTouch } from '../../ui/useMedia';
import { NoticeLines } from './NoticeLines';
import { useAppStore } from '../../session/useAppStore';
import { useShake } from '../notifications/useShake';
import { Comings } from './Comings';
import { Beginning, ListEnd, OlderOnes, type ListContext } from './ListEnds';
import { MessageRow } from './MessageRow';
import { RowHead } from './RowHead';
import { ScrollAnchor } from './ScrollAnchor';
import { useActs } from './ThreadActs';
import { useComings } from './useComings';
import { ToFirstUnread, ToNewest } from './WaysBack';
import { useEndKey } from './useEndKey';
import { useHoldEnd } from './useHoldEnd';
import { isInSight, useMarked } from './useMarked';
import { useOnScreen, type OnScreen } from './useOnScreen';
import { beyondTheEdges, guessedHeight, Unplaced, useOpening, type Start } from './useOpening';
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

/** So much stays between the divider and the upper edge, in pixels. */
const aboveDivider = 64;
const end: FlatIndexLocationWithAlign = { index: 'LAST', align: 'end' };

/** The history, of which only what is near the screen is in the page. */
export function MessageList({ ref, target, thread, name, toSelf }: Props) {
  const { t } = useTranslation();
  const { rows } = thread;
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
  /** The message in which the keyboard is. */
  const [reached, setReached] = useState<string | null>(null);
  const isThere = rows.slice(shown.first, shown.last + 1).some(({ key }) => key === reached);
  const stop = isThere ? reached : null;
  /** Null until the list is placed: what Virtuoso says before that is about an empty one. */
  const staysAtEnd = useRef<boolean | null>(null);
  const opening = useOpening(scroller, () => startOf(thread), staysAtEnd);
  const list = useRef<HTMLDivElement>(null);
  const acts = useActs();
  const touch = useTouch();
  /** The edge of what is loaded is the end of all: not while there is more, nor until the last of it has its heights. */
  const [edgeIsEnd, setEdgeIsEnd] = useState(!thread.hasNewer);
  if (thread.hasNewer && edgeIsEnd) setEdgeIsEnd(false);
  const { newAfter, firstUnread } = thread;
  const { atEnd, wantEnd, isNear } = useHoldEnd(scroller, {
    staysRef: staysAtEnd,
    edgeIsEnd,
    // What came while nobody looked, or was missed, is not scrolled past: its beginning stays on the screen.
    follows: (list) =>
      newAfter === null || firstUnread === null || newAfter >= firstUnread
        ? Infinity
        : roomAboveDivider(list),
    stopped: () => {
      const seq = rows.find((row) => row.unreadDivider)?.seq;
      if (typeof seq === 'number') opening.hold({ seq, top: aboveDivider / 2, of: 'itsRow' });
    },
    changed: thread.atEndChanged,
  });
  const lastKey = rows.at(-1)?.key;
  useEffect(() => {
    if (thread.hasNewer || edgeIsEnd) return undefined;
    return afterFrames(2, () => {
      // Nothing came, or no more than fits.
      if (staysAtEnd.current === false) staysAtEnd.current = isNear();
      setEdgeIsEnd(true);
    });
  }, [thread.hasNewer, edgeIsEnd, isNear]);
  useLayoutEffect(() => {
    if (staysAtEnd.current === true) wantEnd();
  }, [lastKey, wantEnd]);

  const { leave: leaveStart } = opening;
  const scrollTo = useCallback(
    (location: FlatIndexLocationWithAlign) => {
      leaveStart();
      virtuoso.current?.scrollToIndex(location);
    },
    [leaveStart],
  );
  const scrollToEnd = useCallback(() => {
    staysAtEnd.current = true;
    wantEnd();
    scrollTo(end);
  }, [scrollTo, wantEnd]);
  const toEnd = () => {
    if (thread.hasNewer || thread.goesToEnd) thread.goToNewest();
    else {
      readAll();
      scrollToEnd();
    }
  };
  const goBack = () => {
    toEnd();
    // What was pressed is gone with the press, and must not take the focus along. On touch it would call the keyboard.
    if (!touch) acts.toComposer();
  };
  useImperativeHandle(ref, () => ({ toEnd }));
  useEndKey(list, goBack);
  const wentToEnd = useRef(false);
  useLayoutEffect(() => {
    if (wentToEnd.current && !thread.goesToEnd && !thread.hasNewer) scrollToEnd();
    wentToEnd.current = thread.goesToEnd;
  }, [thread.goesToEnd, thread.hasNewer, scrollToEnd]);
  // It does not come now: so far as there is something, there they see why, and what they have sent.
  const isStuck = thread.goesToEnd && thread.newer === 'failed';
  useLayoutEffect(() => {
    if (isStuck) scrollTo(end);
  }, [isStuck, scrollTo]);

  const eye = useRef<OnScreen | null>(null);
  /** The first message that is on screen. */
  const [firstSeen, setFirstSeen] = useState(0);
  useOnScreen(scroller, (shows) => {
    if (staysAtEnd.current === null) return;
    eye.current = shows;
    setFirstSeen(shows.seqs[0] ?? 0);
    onScreen(shows.seqs, staysAtEnd.current);
  });
  const leave = useEffectEvent(() => {
    if (eye.current !== null) thread.leaveAt(staysAtEnd.current === true ? null : eye.current.place);
  });
  useLayoutEffect(() => () => leave(), []);
  /** At the end nothing is new but what was passed too fast to be read. */
  const nextToRead = rows.find(({ mine, seq }) => !mine && seq !== null && seq > (newAfter ?? 0));
  const isNews = thread.newCount > 0 && (!atEnd || thread.hasNewer || (nextToRead?.seq ?? 0) < firstSeen);

  const marked = useMarked(thread, scroller, (seq) => {
    const index = rows.findIndex((row) => row.seq === seq);
    // Not placed yet: it is looked at again in a moment.
    if (staysAtEnd.current === null || index < 0 || isInSight(scroller, seq)) return;
    staysAtEnd.current = false;
    scrollTo({ index, align: 'center' });
  });

  const typists = useTyping(target).people;
  const { hasOlder, older, hasNewer, newer, retry } = thread;
  const context = useMemo<ListContext>(
    () => ({ hasOlder, older, hasNewer, newer, retry, typists }),
    [hasOlder, older, hasNewer, newer, retry, typists],
  );
  const showAuthor = thread.conversation !== null && thread.conversation.kind !== 'direct';
  const showStatus = (row: ThreadRow, next: ThreadRow | undefined) =>
    row.endsGroup || row.status !== next?.status;

  return (
    <div
      ref={list}
      className="relative h-full"
      onBlur={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) setReached(null);
      }}
    >
      <ScrollAnchor scroller={atEnd ? null : scroller} firstItemIndex={thread.firstItemIndex} />
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
      {(isNews || !atEnd || thread.hasNewer) && <ToNewest thread={thread} isNews={isNews} onPress={goBack} />}
    </div>
  );
}

/** How far the list can move up until the divider comes to the upper edge. */
const roomAboveDivider = (list: HTMLElement): number => {
  const divider = list.querySelector('[data-testid=unread-divider]')?.getBoundingClientRect().top;
  return divider === undefined
    ? 0
    : Math.max(0, divider - list.getBoundingClientRect().top - aboveDivider / 2);
};

/** Does it that many frames later, unless the returned function is called. */
const afterFrames = (frames: number, work: () => void): (() => void) => {
  let id = 0;
  const next = (left: number) => {
    id = requestAnimationFrame(() => (left > 1 ? next(left - 1) : work()));
  };
  next(frames);
  return () => cancelAnimationFrame(id);
};

/** Where the reader was, else the first unread message, a little below the top; without anything unread, the end. */
const startOf = ({ rows, hasOlder, place, firstUnread, newCount }: Thread): Start => {
  const eye = place === null ? -1 : rows.findIndex(({ seq }) => seq !== null && seq >= place.seq);
  if (place !== null && eye >= 0)
    return { index: eye, seq: rows[eye]?.seq ?? place.seq, top: place.top, of: 'message', atEnd: false };
  // Whoever has sent something before any of it was here has read it all.
  const unread = newCount === 0 ? -1 : rows.findIndex((row) => row.unreadDivider);
  // The first of all that is here, with more above it: then the divider belongs further up, and there is a way there.
  const first = rows[unread]?.seq ?? null;
  return first !== null && (unread > 0 || !hasOlder || first === firstUnread)
    ? { index: unread, seq: first, top: aboveDivider, of: 'itsRow', atEnd: false }
    : { atEnd: true };
};
