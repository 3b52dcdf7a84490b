import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { errorText } from '../../i18n/errorText';
import { useTimes } from '../../i18n/format';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { classes } from '../../ui/classes';
import { emojiOnly } from './emojiOnly';
import { MessageText } from './MessageText';
import { StatusTick } from './StatusTick';
import type { ThreadRow } from './useThread';

type Props = {
  row: ThreadRow;
  /** With more than two people one has to see who speaks. */
  showAuthor: boolean;
  /** Below a message that came equally far, the tick would say nothing new. */
  showStatus: boolean;
  shaking: boolean;
  onRetry: (clientId: string) => void;
  onDiscard: (clientId: string) => void;
};

export function MessageRow({ row, showAuthor, showStatus, shaking, onRetry, onDiscard }: Props) {
  const { t } = useTranslation();
  const times = useTimes();
  // Only what was written just now rises from the composer; what is scrolled back into view does not.
  const [justWritten] = useState(row.status === 'sending');
  const { mine, status, clientId } = row;
  const name = row.sender?.fullName ?? row.senderName ?? '';
  const deleted = row.message?.deletedAt !== undefined;
  const emoji = deleted ? 0 : emojiOnly(row.text);

  return (
    <article
      data-testid="message"
      data-seq={row.seq ?? undefined}
      data-status={status ?? 'sent'}
      data-mine={mine}
      className={classes(
        'mx-auto flex max-w-240 gap-2 px-4 wide:px-6',
        row.startsGroup ? 'pt-3' : 'pt-0.5',
        mine && 'justify-end',
        justWritten && 'animate-rise',
      )}
    >
      {showAuthor && !mine && (
        <span className="w-8 shrink-0">
          {row.startsGroup && <Avatar name={name} src={row.sender?.profilePic ?? null} className="size-8" />}
        </span>
      )}
      <div className={classes('flex min-w-0 flex-1 flex-col', mine ? 'items-end' : 'items-start')}>
        {showAuthor && !mine && row.startsGroup && (
          <span aria-hidden="true" className="mb-1 px-1 text-sm font-semibold text-muted">
            <bdi>{name}</bdi>
          </span>
        )}
        <span className="sr-only">{mine ? t('message.byYou') : t('message.by', { name })}</span>
        <div className={classes('flex w-full items-end gap-1.5', mine && 'flex-row-reverse')}>
          <div
            className={classes(
              'max-w-[min(34rem,calc(100%-5.5rem))] min-w-0',
              shaking && 'animate-shake',
              emoji > 0 ? '' : bubble(row),
              deleted && 'italic opacity-80',
              emoji > 0 && (emoji <= 3 ? 'text-emoji' : 'text-2xl'),
            )}
          >
            {deleted ? (
              t('message.deleted')
            ) : (
              <MessageText text={row.text} onAccent={mine && status !== 'failed'} />
            )}
          </div>
          <span className="mb-0.5 flex shrink-0 items-center gap-1 text-xs text-muted">
            {row.endsGroup && (
              <time dateTime={row.at} title={times.full(row.at)} className="tabular">
                {times.time(row.at)}
              </time>
            )}
            {row.message?.editedAt !== undefined && !deleted && <span>{t('message.edited')}</span>}
            {status !== null && showStatus && <StatusTick status={status} />}
          </span>
        </div>
        {status === 'failed' && clientId !== null && (
          <div className="mt-1 mb-2 flex flex-wrap items-center justify-end gap-x-3 text-sm">
            <span className="text-persimmon-text">
              {row.error === null ? t('message.failed') : errorText(t, row.error)}
            </span>
            <Button look="link" onClick={() => onRetry(clientId)}>
              {t('message.retry')}
            </Button>
            <Button look="danger" onClick={() => onDiscard(clientId)}>
              {t('message.discard')}
            </Button>
          </div>
        )}
      </div>
    </article>
  );
}

/** 16 px round, and 6 px at the inner side where the same person goes on. */
const bubble = ({ mine, startsGroup, endsGroup, status }: ThreadRow): string =>
  classes(
    'rounded-bubble px-3.5 py-2',
    status === 'failed'
      ? 'bg-persimmon-soft text-ink'
      : mine
        ? 'bg-mine text-on-mine'
        : 'bg-theirs text-on-theirs',
    !startsGroup && (mine ? 'rounded-tr-inner' : 'rounded-tl-inner'),
    !endsGroup && (mine ? 'rounded-br-inner' : 'rounded-bl-inner'),
  );
