import { BellOff, CircleAlert, Clock3, Users } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useTimes } from '../../i18n/format';
import { Avatar } from '../../ui/Avatar';
import { classes } from '../../ui/classes';
import { PresenceDot } from '../people/PresenceDot';
import type { ConversationRow as Row } from './useConversations';

type Props = { row: Row; open: boolean };

/** One conversation in the list: with whom, what was said last and by whom, when, and what is unread. */
export function ConversationRow({ row, open }: Props) {
  const { t } = useTranslation();
  const times = useTimes();
  const unread = row.unread > 0;
  return (
    <Link
      to={`/c/${row.id}`}
      state={{ fromList: true }}
      data-testid="conversation-row"
      data-conversation-id={row.id}
      data-user-id={row.peer?._id}
      data-unread={row.unread}
      aria-current={open ? 'page' : undefined}
      className={classes(
        'flex items-center gap-3 rounded-xl px-2 py-2.5 transition-colors',
        open ? 'bg-jjok-soft' : 'hover:bg-hover active:bg-press',
      )}
    >
      <span className="relative shrink-0">
        {row.peer === null ? (
          <span className="grid size-11 place-items-center rounded-full bg-jjok-soft text-jjok">
            <Users className="size-5" aria-hidden="true" />
          </span>
        ) : (
          <Avatar name={row.name} src={row.peer.profilePic} />
        )}
        {row.peer !== null && (
          <PresenceDot userId={row.peer._id} surface={open ? 'ring-jjok-soft' : 'ring-rail'} />
        )}
      </span>
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline gap-2">
          <span className={classes('truncate', unread ? 'font-bold' : 'font-semibold')}>
            {row.noteToSelf ? t('row.self') : <bdi>{row.name}</bdi>}
          </span>
          {row.muted && <BellOff className="size-3 shrink-0 self-center text-muted" aria-hidden="true" />}
          <time dateTime={row.at} className="tabular ml-auto shrink-0 text-xs text-muted">
            {times.moment(row.at)}
          </time>
        </span>
        <span className="mt-0.5 flex items-center gap-2">
          <span className="flex-1 truncate text-sm text-muted">
            <PreviewLine row={row} open={open} />
          </span>
          {unread && (
            <span
              className={classes(
                'tabular grid h-5 min-w-5 shrink-0 animate-appear place-items-center rounded-full px-1.5 text-xs font-bold',
                row.muted ? 'bg-sunken text-muted' : 'bg-badge text-on-badge',
              )}
            >
              <span aria-hidden="true">{row.unread > 999 ? '999+' : row.unread}</span>
              <span className="sr-only">{t('row.unread', { count: row.unread })}</span>
            </span>
          )}
        </span>
      </span>
    </Link>
  );
}

function PreviewLine({ row, open }: Props) {
  const { t } = useTranslation();
  // In the open conversation the draft is on screen anyway.
  if (row.draft !== null && !open)
    return (
      <>
        <span className="font-semibold text-jjok">{t('row.draft')}</span> <bdi>{row.draft}</bdi>
      </>
    );
  const { preview } = row;
  if (preview === null) return t('row.noMessage');
  const author = preview.mine
    ? row.noteToSelf
      ? null
      : t('row.you')
    : row.conversation.kind === 'direct' || preview.senderName === null
      ? null
      : t('row.by', { name: preview.senderName });
  return (
    <>
      {preview.status === 'failed' && (
        <CircleAlert
          className="mr-1 inline size-3.5 align-[-0.15em] text-persimmon"
          role="img"
          aria-label={t('row.failed')}
        />
      )}
      {preview.status === 'sending' && (
        <Clock3 className="mr-1 inline size-3 align-[-0.1em]" role="img" aria-label={t('row.sending')} />
      )}
      {author !== null && <bdi>{author} </bdi>}
      <bdi>{preview.text}</bdi>
    </>
  );
}
