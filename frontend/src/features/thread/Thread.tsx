import { WifiOff } from 'lucide-react';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useLocation, useNavigate } from 'react-router';
import { errorText } from '../../i18n/errorText';
import { keyOf } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { Notice } from '../../ui/Notice';
import { Skeleton } from '../../ui/Skeleton';
import { useConversation } from '../conversations/useConversations';
import type { Target } from '../conversations/target';
import { wordsOf } from '../attachments/words';
import { BlockedBar } from '../block/BlockedBar';
import { SeenByDialog } from './SeenByDialog';
import { useMentionableIn, useThreadPeople } from './useThreadPeople';
import { ReportDialog, type Reported } from '../reports/ReportDialog';
import { useSession } from '../session/useSession';
import { Announcer } from './Announcer';
import { Composer, type ComposerHandle } from '../composer/Composer';
import { DropTarget } from '../composer/DropTarget';
import { useChosenFiles } from '../composer/useChosenFiles';
import { DeleteDialog } from './DeleteDialog';
import { MessageSkeleton } from '../message-list/MessageSkeleton';
import { MentionableContext } from '../messages/mentionsShown';
import { MessageList, type MessageListHandle } from '../message-list/MessageList';
import { NoThread } from './NoThread';
import { PinnedStrip } from './PinnedStrip';
import type { ThreadParts } from './threadParts';
import { ThreadActsContext } from '../messages/ThreadActs';
import { ThreadHeader } from './ThreadHeader';
import { ThreadViewer } from './ThreadViewer';
import type { ThreadRow } from '../messages/threadRow';
import { useSlowMode } from '../messages/useSlowMode';
import { useThread, type Thread as ThreadState } from '../message-list/useThread';
import { useThreadActs } from './useThreadActs';
import { useViewKey } from './useViewKey';

/** One conversation: with whom, what was said, and the place to write. */
export function Thread({ target, parts }: { target: Target; parts: ThreadParts }) {
  const { t } = useTranslation();
  const { me } = useSession();
  const thread = useThread(target);
  const row = useConversation(thread.conversationId);
  const list = useRef<MessageListHandle>(null);
  const composer = useRef<ComposerHandle>(null);
  const asked = useThreadActs(target, thread, composer);
  const { acts } = asked;
  const pane = useRef<HTMLElement>(null);
  const { add, mayAdd } = useChosenFiles(target);
  const viewKey = useViewKey(target, thread.conversationId);
  useTrueAddress(target, thread.conversationId);

  const toSelf = thread.peer !== null && thread.peer._id === me?._id;
  const blocked = useAppStore((state) => state.blocked);
  const isBlocked = thread.peer !== null && blocked.has(thread.peer._id);
  const audible = useMemo(
    () => thread.rows.filter(({ senderId }) => !blocked.has(senderId)),
    [thread.rows, blocked],
  );
  const isRoom = row?.conversation.kind === 'room';
  const slowMode = useSlowMode(target);
  const isGroup = row?.conversation.kind === 'group';
  const own = isRoom ? parts.room : isGroup ? parts.group : undefined;
  const mentionable = useMentionableIn(thread.conversation);
  useThreadPeople(thread);
  const key = useAppStore((state) => keyOf(state, target));
  const name = toSelf ? t('row.self') : (thread.peer?.fullName ?? row?.name ?? '');

  if (thread.state === 'notFound')
    return <NoThread conversationId={thread.conversationId} lane={key} parts={parts} />;
  return (
    <main
      ref={pane}
      aria-label={t(isRoom ? 'room.label' : isGroup ? 'group.label' : 'conversation.label', { name })}
      className="relative flex h-full flex-col"
    >
      {!isBlocked && mayAdd && <DropTarget place={pane} onFiles={add} />}
      {row !== null && own !== undefined ? (
        <own.Header target={target} row={row} />
      ) : (
        <ThreadHeader target={target} peer={thread.peer} name={name} toSelf={toSelf} row={row} />
      )}
      <PinnedStrip rows={thread.rows} onGo={thread.goTo} />
      <div className="min-h-0 flex-1">
        {thread.rows.length > 0 ? (
          <ThreadActsContext value={acts}>
            <MentionableContext value={mentionable}>
              <MessageList
                key={viewKey}
                ref={list}
                target={target}
                thread={thread}
                name={name}
                toSelf={toSelf}
              />
            </MentionableContext>
          </ThreadActsContext>
        ) : (
          <NoMessages thread={thread} viewKey={viewKey} name={name} toSelf={toSelf} Empty={own?.Empty} />
        )}
      </div>
      <Announcer key={`announcer ${viewKey}`} rows={audible} ready={thread.state === 'ready'} />
      {isBlocked && thread.peer !== null ? (
        <BlockedBar person={thread.peer} />
      ) : (
        <Composer
          key={`composer ${viewKey}`}
          ref={composer}
          target={target}
          name={name}
          toSelf={toSelf}
          toRoom={isRoom}
          toGroup={isGroup}
          waitSeconds={slowMode.waitSeconds}
          onSent={() => {
            slowMode.wrote();
            list.current?.toEnd();
          }}
          lastOwn={() => thread.rows.findLast(isEditable)}
          onRemove={asked.askToRemove}
          onEscape={() => list.current?.toEnd()}
        />
      )}
      <Layers target={target} thread={thread} asked={asked} />
    </main>
  );
}

type LayersProps = { target: Target; thread: ThreadState; asked: ReturnType<typeof useThreadActs> };

/** What opens above the conversation. */
function Layers({ target, thread, asked }: LayersProps) {
  const { language } = useTranslation();
  const { acts, viewing, view, deleting, keep, confirmDelete, seen, endSeen, reporting, endReport } = asked;
  const returnFocus = acts.toComposer;
  return (
    <>
      <ThreadViewer thread={thread} viewed={viewing} onView={view} />
      <DeleteDialog message={deleting} onKeep={keep} onDelete={confirmDelete} returnFocus={returnFocus} />
      <SeenByDialog target={target} row={seen} onClose={endSeen} returnFocus={returnFocus} />
      <ReportDialog about={reported(reporting, language)} onClose={endReport} returnFocus={returnFocus} />
    </>
  );
}

type NoMessagesProps = {
  thread: ThreadState;
  viewKey: number;
  name: string;
  toSelf: boolean;
  /** Of a group or a room, for where nothing was said yet. */
  Empty: ThreadParts['room']['Empty'] | undefined;
};

/** In place of the list: why there is none, or none yet. */
function NoMessages({ thread, viewKey, name, toSelf, Empty }: NoMessagesProps) {
  const { t } = useTranslation();
  if (thread.state === 'failed')
    return (
      <div className="grid h-full place-items-center">
        <Notice
          alert
          icon={<WifiOff />}
          title={t('conversation.failedTitle')}
          hint={errorText(t, thread.error)}
        >
          <Button look="quiet" small onClick={thread.retry}>
            {t('conversation.retry')}
          </Button>
        </Notice>
      </div>
    );
  if (thread.state === 'loading')
    return (
      <Skeleton key={viewKey} label={t('conversation.loading')}>
        <MessageSkeleton />
      </Skeleton>
    );
  if (thread.conversation !== null && Empty !== undefined)
    return <Empty conversation={thread.conversation} notices={thread.notices} />;
  return (
    <div className="grid h-full place-items-center">
      <Notice
        picture={thread.peer && <Avatar name={name} src={thread.peer.profilePic} className="size-16" />}
        title={toSelf ? t('conversation.selfTitle') : t('conversation.emptyTitle', { name })}
        hint={t(toSelf ? 'conversation.selfHint' : 'conversation.emptyHint')}
      />
    </div>
  );
}

const reported = (row: ThreadRow | null, language: string): Reported | null =>
  row === null || row.message === null
    ? null
    : {
        messageId: row.message._id,
        text: wordsOf(row, language),
        name: row.senderName ?? row.sender?.fullName ?? '',
      };

const isEditable = ({ mine, message }: ThreadRow): boolean =>
  mine && message !== null && message.deletedAt === undefined;

/** `/u/:id` becomes `/c/:id` as soon as there is a conversation: an address that also others of its members can use. */
function useTrueAddress(target: Target, conversationId: string | null) {
  const navigate = useNavigate();
  const { state } = useLocation() as { state: unknown };
  const known = 'conversationId' in target;
  useEffect(() => {
    if (!known && conversationId !== null) void navigate(`/c/${conversationId}`, { replace: true, state });
  }, [known, conversationId, navigate, state]);
}
