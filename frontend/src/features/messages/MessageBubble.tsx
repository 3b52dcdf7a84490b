import { Pin, Trash2 } from 'lucide-react';
import { useMemo, type HTMLAttributes, type ReactNode } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useTimes } from '../../i18n/format';
import { classes } from '../../ui/classes';
import { Tooltip } from '../../ui/Tooltip';
import { Attachments, endsWithPicture, widthOf } from '../attachments/Attachments';
import { emojiOnly } from './emojiOnly';
import { MessageText } from './MessageText';
import { useRowStop } from './rowStop';
import { StatusTick } from './StatusTick';
import { useActs } from './ThreadActs';
import type { ThreadRow } from './threadRow';

type Props = {
  /** What was said, for what names it. */
  textId: string;
  row: ThreadRow;
  showStatus: boolean;
  shaking: boolean;
  onShaken: () => void;
  press: HTMLAttributes<HTMLElement>;
  /** The tools, which hang at a corner of the bubble. */
  children: ReactNode;
};

/** What was said, and beside it in small letters when, and how far it came. */
export function MessageBubble({ textId, row, showStatus, shaking, onShaken, press, children }: Props) {
  const { t } = useTranslation();
  const { mine, status, message } = row;
  const deleted = message?.deletedAt !== undefined;
  const hasFiles = row.attachments.length > 0 && !deleted;
  const emoji = useMemo(() => (deleted || hasFiles ? 0 : emojiOnly(row.text)), [deleted, hasFiles, row.text]);
  return (
    <div className={classes('flex w-full items-end gap-1.5', mine && 'flex-row-reverse')}>
      <div className="relative max-w-[min(34rem,calc(100%-5.5rem))] min-w-0">
        <div
          id={textId}
          {...press}
          onAnimationEnd={shaking ? onShaken : undefined}
          className={classes(
            'pointer-coarse:select-none [-webkit-touch-callout:none]',
            shaking && 'animate-shake',
            emoji > 0 ? (emoji <= 3 ? 'text-emoji' : 'text-2xl') : bubble(row, deleted, hasFiles),
          )}
        >
          {deleted ? (
            <span className="flex items-center gap-1.5">
              <Trash2 className="size-3.5 shrink-0" aria-hidden="true" />
              <span>{t('message.deleted')}</span>
            </span>
          ) : hasFiles ? (
            <WithFiles row={row} />
          ) : (
            <MessageText text={row.text} onAccent={mine && status !== 'failed'} />
          )}
        </div>
        {children}
      </div>
      <span className="mb-0.5 flex shrink-0 items-center gap-1 text-xs text-muted">
        <Meta row={row} deleted={deleted} />
        {status !== null && showStatus && !deleted && <StatusTick status={status} />}
      </span>
    </div>
  );
}

/** Its files, and below them what was said of them. */
function WithFiles({ row }: { row: ThreadRow }) {
  const { attachments, text, message, status, mine, clientId } = row;
  const acts = useActs();
  const tabIndex = useRowStop();
  const onAccent = mine && status !== 'failed';
  return (
    <div style={{ width: Math.max(widthOf(attachments), text === '' ? 0 : 240) }} className="max-w-full">
      <Attachments
        attachments={attachments}
        onItsWay={message !== null ? 'no' : status === 'failed' ? 'failed' : 'yes'}
        onAccent={onAccent}
        tabIndex={tabIndex}
        onOpen={({ _id }) => acts.view(row, _id)}
        onCancel={({ _id }) => {
          if (clientId !== null) acts.discardFile(clientId, _id);
        }}
      />
      {text !== '' && (
        <div className={classes('px-3.5 pb-2', endsWithPicture(attachments) ? 'pt-2' : 'pt-0.5')}>
          <MessageText text={text} onAccent={onAccent} />
        </div>
      )}
    </div>
  );
}

function Meta({ row, deleted }: { row: ThreadRow; deleted: boolean }) {
  const { t } = useTranslation();
  const times = useTimes();
  const { editedAt, pinnedAt } = row.message ?? {};
  return (
    <>
      {pinnedAt !== undefined && !deleted && (
        <Pin className="size-3 rotate-45" role="img" aria-label={t('message.pinned')} />
      )}
      {row.endsGroup && (
        <time dateTime={row.at} title={times.full(row.at)} className="tabular">
          {times.time(row.at)}
        </time>
      )}
      {editedAt !== undefined && !deleted && (
        <Tooltip text={t('message.editedAt', { time: times.full(editedAt) })}>
          <span>{t('message.edited')}</span>
        </Tooltip>
      )}
    </>
  );
}

/** 16 px round, and 6 px at the inner side where the same person goes on. What is gone is an outline only. */
const bubble = (row: ThreadRow, deleted: boolean, hasFiles: boolean): string => {
  const { mine, startsGroup, endsGroup, status } = row;
  return classes(
    // Marks that are piled up above, below or beside a letter end with the bubble.
    'overflow-clip rounded-bubble',
    !hasFiles && 'px-3.5 py-2',
    deleted
      ? 'border border-hairline text-sm text-muted'
      : status === 'failed'
        ? 'bg-persimmon-soft text-ink'
        : mine
          ? 'bg-mine text-on-mine'
          : 'bg-theirs text-on-theirs',
    !startsGroup && (mine ? 'rounded-tr-inner' : 'rounded-tl-inner'),
    !endsGroup && (mine ? 'rounded-br-inner' : 'rounded-bl-inner'),
  );
};
