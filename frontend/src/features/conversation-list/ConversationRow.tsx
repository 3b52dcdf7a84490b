import type { AttachmentKind } from '@sori/contract';
import {
  AtSign,
  BellOff,
  CircleAlert,
  Clock3,
  Ellipsis,
  Image,
  Mic,
  Music,
  Paperclip,
  Video,
  type LucideIcon,
} from 'lucide-react';
import { memo, useMemo, useRef, useState, type SyntheticEvent } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useTimes } from '../../i18n/format';
import { Avatar } from '../../ui/Avatar';
import { classes } from '../../ui/classes';
import { Space } from '../../ui/Space';
import { useHot } from '../../ui/useHot';
import { useLongPress } from '../../ui/useLongPress';
import { GroupPicture } from '../conversations/GroupPicture';
import { useClient } from '../../session/SocketContext';
import { SteadyLink } from '../../navigation/SteadyLink';
import { TypingDots, whoTypes } from '../conversations/WhoTypes';
import { PresenceDot } from '../people/PresenceDot';
import { RoomPicture } from '../conversations/RoomPicture';
import { ConversationMenu } from './ConversationMenu';
import { useTypists } from '../conversations/useTypists';
import type { ConversationRow as Row } from '../conversations/conversationRows';

type Props = {
  row: Row;
  open: boolean;
  /** The Tab key comes to this one of the list. */
  isStop: boolean;
  /** It was clicked. */
  onOpen?: (() => void) | undefined;
};

/** One conversation in the list, and what can be done with it: by mouse, by a resting finger, by the menu key. */
export const ConversationRow = memo(function ConversationRow({ row, open, isStop, onOpen }: Props) {
  const { t } = useTranslation();
  const [menu, setMenu] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const hot = useHot(place);
  const target = useMemo(() => ({ conversationId: row.id }), [row.id]);
  const press = useLongPress(() => setMenu(true));
  return (
    <div
      ref={place}
      className="group/row relative"
      {...press}
      onContextMenu={(event) => {
        press.onContextMenu(event);
        // By the menu key; the mouse's own menu can open the row in a new tab, and stays.
        if (event.defaultPrevented || event.button === 2) return;
        event.preventDefault();
        setMenu(true);
      }}
    >
      <RowLink row={row} open={open} isStop={isStop} onOpen={onOpen} covered={hot || menu} />
      {(hot || menu) && (
        <ConversationMenu
          row={row}
          target={target}
          isOpen={open}
          open={menu}
          onOpenChange={setMenu}
          returnFocus={() => place.current?.querySelector('a')?.focus({ preventScroll: true })}
          trigger={
            <button
              type="button"
              aria-label={t('row.menu', { name: row.name })}
              title={t('row.menu', { name: row.name })}
              onMouseDown={keepFocus}
              className="absolute top-1.5 right-1.5 grid size-7 animate-fade place-items-center rounded-full text-muted hover:bg-press hover:text-ink data-[state=open]:bg-press pointer-coarse:hidden"
            >
              <Ellipsis className="size-4" aria-hidden="true" />
            </button>
          }
        />
      )}
    </div>
  );
});

const keepFocus = (event: SyntheticEvent) => event.preventDefault();

/** With whom, what was said last and by whom, when, and what is unread. */
function RowLink({ row, open, isStop, onOpen, covered }: Props & { covered: boolean }) {
  const { t } = useTranslation();
  const times = useTimes();
  const { account } = useClient();
  const unread = row.unread > 0;
  return (
    <SteadyLink
      to={`/c/${row.id}`}
      onClick={onOpen}
      // The mouse, or a finger, comes before the press.
      onPointerEnter={() => account()?.history.expect(row.id)}
      state={{ fromList: true }}
      draggable={false}
      data-stop={row.id}
      tabIndex={isStop ? 0 : -1}
      data-testid="conversation-row"
      data-conversation-id={row.id}
      data-user-id={row.peer?._id}
      data-unread={row.unread}
      aria-current={open ? 'page' : undefined}
      className={classes(
        'flex items-center gap-3 rounded-xl px-2 py-2.5 transition-colors [-webkit-touch-callout:none] pointer-coarse:select-none',
        open ? 'bg-jjok-soft' : 'group-hover/row:bg-hover active:bg-press',
      )}
    >
      <span className="relative shrink-0">
        {row.conversation.kind === 'room' ? (
          <RoomPicture />
        ) : row.peer === null ? (
          <GroupPicture id={row.id} name={row.name} src={row.conversation.picture} />
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
            {row.noteToSelf ? t('row.self') : <bdi translate="no">{row.name}</bdi>}
          </span>
          {row.muted && (
            <BellOff
              className="size-3 shrink-0 self-center text-muted"
              role="img"
              aria-label={t('row.muted')}
            />
          )}
          <time
            dateTime={row.at}
            className={classes(
              'tabular ml-auto shrink-0 text-xs text-muted',
              covered && 'pointer-fine:opacity-0',
            )}
          >
            {times.moment(row.at)}
          </time>
        </span>
        <span className="mt-0.5 flex items-center gap-2">
          <span className="flex-1 truncate text-sm text-muted">
            <PreviewLine row={row} open={open} />
          </span>
          {row.mentions > 0 && (
            <span
              data-testid="mention-mark"
              className="grid size-5 shrink-0 animate-appear place-items-center rounded-full bg-badge text-on-badge"
            >
              <AtSign className="size-3.5" strokeWidth={2.5} aria-hidden="true" />
              <span className="sr-only">{t('mention.unread')}</span>
            </span>
          )}
          {unread && (
            <span
              className={classes(
                'tabular grid h-5 min-w-5 shrink-0 animate-appear place-items-center rounded-full px-1.5 text-xs font-bold',
                row.muted ? 'bg-sunken text-muted' : 'bg-badge text-on-badge',
              )}
            >
              <span aria-hidden="true">{row.unread > 999 ? '999+' : row.unread}</span>
              <span className="sr-only">
                {row.unreadMore
                  ? t('row.unreadMore', { number: row.unread })
                  : t('row.unread', { count: row.unread })}
              </span>
            </span>
          )}
        </span>
      </span>
    </SteadyLink>
  );
}

const kindMarks: Record<AttachmentKind, LucideIcon> = {
  picture: Image,
  video: Video,
  audio: Music,
  voice: Mic,
  file: Paperclip,
};

/** Of the files of a message. Where there are no words, its text says it, too. */
function KindMark({ kind }: { kind: AttachmentKind }) {
  const Mark = kindMarks[kind];
  return <Mark className="mr-1 inline size-3.5 align-[-0.15em]" aria-hidden="true" />;
}

function PreviewLine({ row, open }: Pick<Props, 'row' | 'open'>) {
  const { t } = useTranslation();
  const typists = useTypists(row.id);
  if (typists.length > 0)
    return (
      <span className="inline-flex max-w-full items-center gap-1.5 text-jjok">
        <TypingDots />
        <span className="truncate">{row.peer === null ? whoTypes(t, typists) : t('typing.now')}</span>
      </span>
    );
  // In the open conversation the draft is on screen anyway.
  if (row.draft !== null && !open)
    return (
      <>
        <span className="font-semibold text-jjok">{t('row.draft')}</span>
        <Space />
        <bdi>{row.draft}</bdi>
      </>
    );
  const { preview } = row;
  if (preview === null) return <span>{t('row.noMessage')}</span>;
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
      {/* The page's own sentence, in which a name may be written the other way. */}
      {author !== null && <span dir="ltr">{`${author} `}</span>}
      {preview.kind !== null && <KindMark kind={preview.kind} />}
      <bdi>{preview.text}</bdi>
    </>
  );
}
