import { refusalReasonOf } from '@sori/contract';
import { memo, useId, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { errorText } from '../../i18n/errorText';
import { fileErrorText } from '../attachments/fileErrorText';
import { PlaceNotice } from '../attachments/PlaceNotice';
import { useTimes } from '../../i18n/format';
import { useAppStore } from '../../session/useAppStore';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { classes } from '../../ui/classes';
import { useHot } from '../../ui/useHot';
import { useLongPress } from '../../ui/useLongPress';
import { nextOf } from '../../ui/useOneStop';
import { FoldedMessage } from './FoldedMessage';
import type { Target } from '../conversations/target';
import { GuestBadge } from '../people/GuestBadge';
import { MessageBubble } from './MessageBubble';
import { MessageTools, type Layer } from './MessageTools';
import { QuoteBlock } from './QuoteBlock';
import { Reactions } from './Reactions';
import { RowStopContext, useRowStop } from './rowStop';
import { useActs } from './ThreadActs';
import type { ThreadRow } from './threadRow';
import { useIsGuest } from './useIsGuest';
import { slowModeOf } from './useSlowMode';

type Props = {
  row: ThreadRow;
  target: Target;
  /** With more than two people one has to see who speaks. */
  showAuthor: boolean;
  /** Below a message that came equally far, the tick would say nothing new. */
  showStatus: boolean;
  shaking: boolean;
  onShaken: () => void;
  /** One has jumped to it. */
  marked: boolean;
  /** The Tab key comes to this one of the list; from there, the arrow keys go on. */
  isStop: boolean;
  /** The keyboard is in it. */
  isReached: boolean;
  onReached: (key: string) => void;
};

export const MessageRow = memo(function MessageRow(props: Props) {
  const { row, target, showAuthor, showStatus, shaking, onShaken, marked } = props;
  const { isStop, isReached, onReached } = props;
  const textId = useId();
  const times = useTimes();
  const { t } = useTranslation();
  const acts = useActs();
  // Only what was written just now rises from the composer; what is scrolled back into view does not.
  const [justWritten] = useState(row.status === 'sending');
  const { layer, open, article, returnFocus } = useLayer();
  const hot = useHot(article);
  const hasTools = acts.actionsFor(row).length > 0;
  const press = useLongPress(() => {
    if (hasTools) open('menu');
  });
  const { mine } = row;
  const name = row.senderName ?? row.sender?.fullName ?? '';
  // Of two people alone the server hides what the blocked one says; among more, the others answer it.
  const isBlocked = useAppStore(({ blocked }) => showAuthor && blocked.has(row.senderId));
  const [isUnfolded, setUnfolded] = useState(false);
  const isFolded = isBlocked && !isUnfolded;
  const reacted = row.message?.deletedAt === undefined && (row.message?.reactions.length ?? 0) > 0;

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.target !== event.currentTarget) return;
    if (hasTools && opensMenu(event)) {
      event.preventDefault();
      open('menu');
    } else if (event.key === 'Escape') acts.toComposer();
    else moveFocus(event);
  };
  return (
    <RowStopContext value={isReached}>
      <article
        ref={article}
        data-testid="message"
        data-seq={row.seq ?? undefined}
        data-status={row.status ?? 'sent'}
        data-mine={mine}
        data-marked={marked}
        aria-label={
          isFolded
            ? undefined
            : t('message.label', { name: mine ? t('message.you') : name, time: times.time(row.at) })
        }
        aria-labelledby={isFolded ? textId : undefined}
        aria-describedby={isFolded ? undefined : textId}
        tabIndex={isStop ? 0 : -1}
        onFocus={() => onReached(row.key)}
        onKeyDown={onKeyDown}
        className={classes(
          'group/message mx-auto flex max-w-240 gap-2 rounded-2xl px-4 -outline-offset-2 transition-colors duration-500 wide:px-6',
          row.startsGroup ? 'pt-3' : row.replyTo === null ? 'pt-0.5' : 'pt-2',
          mine && 'justify-end',
          justWritten && 'animate-rise',
          marked && 'bg-jjok-soft',
        )}
      >
        {showAuthor && !mine && (
          <span className="w-8 shrink-0">
            {row.startsGroup && !isFolded && (
              <Avatar name={name} src={row.sender?.profilePic ?? null} className="size-8" />
            )}
          </span>
        )}
        <div className={classes('flex min-w-0 flex-1 flex-col', mine ? 'items-end' : 'items-start')}>
          {showAuthor && !mine && row.startsGroup && !isFolded && <Author row={row} name={name} />}
          {isFolded ? (
            <FoldedMessage id={textId} onShow={() => setUnfolded(true)} />
          ) : (
            <>
              <span className="sr-only">{mine ? t('message.byYou') : t('message.by', { name })}</span>
              {row.replyTo !== null && row.message?.deletedAt === undefined && (
                <QuoteBlock target={target} messageId={row.replyTo} />
              )}
              <MessageBubble
                textId={textId}
                row={row}
                showStatus={showStatus}
                shaking={shaking}
                onShaken={onShaken}
                press={press}
              >
                {hasTools && (hot || layer !== null) && (
                  <MessageTools row={row} layer={layer} onLayer={open} returnFocus={returnFocus} />
                )}
              </MessageBubble>
              {mine && <PlaceNotice attachments={row.attachments} />}
              {reacted && <Reactions row={row} />}
              {row.status === 'failed' && <Failed row={row} target={target} />}
            </>
          )}
        </div>
      </article>
    </RowStopContext>
  );
});

/** Above what they wrote. Screen readers hear it with each message. */
function Author({ row, name }: { row: ThreadRow; name: string }) {
  const isGuest = useIsGuest(row);
  return (
    <span
      aria-hidden="true"
      className="mb-1 flex min-h-4.5 max-w-full items-center gap-1.5 px-1 text-sm font-semibold text-muted"
    >
      <bdi className="truncate">{name}</bdi>
      {isGuest && <GuestBadge />}
    </span>
  );
}

/** What is open at the message, and where the focus goes afterwards: to where it was, else to the message. */
const useLayer = () => {
  const [layer, setLayer] = useState<Layer>(null);
  const article = useRef<HTMLElement>(null);
  const before = useRef<Element | null>(null);
  return {
    layer,
    article,
    open: (next: Layer) => {
      if (layer === null) before.current = document.activeElement;
      setLayer(next);
    },
    returnFocus: () => {
      const { current } = before;
      const place = current instanceof HTMLElement && current !== document.body ? current : article.current;
      (place?.isConnected === true ? place : article.current)?.focus({ preventScroll: true });
    },
  };
};

const opensMenu = ({ key, shiftKey }: KeyboardEvent): boolean =>
  key === 'Enter' || key === ' ' || key === 'ContextMenu' || (key === 'F10' && shiftKey);

/** Arrow keys go from message to message. The End key goes further than to the last one that is loaded (`useEndKey`). */
const moveFocus = (event: KeyboardEvent<HTMLElement>) => {
  if (event.key === 'End' || event.altKey || event.ctrlKey || event.metaKey) return;
  const list = event.currentTarget.closest('[data-virtuoso-scroller]');
  const rows = [...(list?.querySelectorAll<HTMLElement>('[data-testid=message]') ?? [])];
  const next = nextOf(rows, event.currentTarget, event.key);
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
};

/** It did not get out: why, and what one can do. */
function Failed({ row: { clientId, error, attachments }, target }: { row: ThreadRow; target: Target }) {
  const { t } = useTranslation();
  const every = useAppStore((state) => slowModeOf(state, target));
  const { retry, discard } = useActs();
  const tabIndex = useRowStop();
  if (clientId === null) return null;
  return (
    <div className="mt-1 mb-2 flex flex-wrap items-center justify-end gap-x-3 text-sm">
      <span className="text-persimmon-text">
        {error === null
          ? t('message.failed')
          : every > 0 && refusalReasonOf(error.details) === 'slowMode'
            ? t('room.slowRefused', { count: every })
            : attachments.length > 0
              ? fileErrorText(t, error)
              : errorText(t, error)}
      </span>
      <Button look="link" tabIndex={tabIndex} onClick={() => retry(clientId)}>
        {t('message.retry')}
      </Button>
      <Button look="danger" tabIndex={tabIndex} onClick={() => discard(clientId)}>
        {t('message.discard')}
      </Button>
    </div>
  );
}
