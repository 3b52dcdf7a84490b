import type { Conversation, GroupHistory, Id } from '@sori/contract';
import { Bell, BellOff, LogOut, PencilLine, UserRoundPlus } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { errorText } from '../../i18n/errorText';
import { useTimes } from '../../i18n/format';
import { useComplain } from '../../i18n/useComplain';
import { useClient } from '../../session/SocketContext';
import { myId } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import { ActionMenu } from '../../ui/ActionMenu';
import { Button } from '../../ui/Button';
import { IconButton } from '../../ui/IconButton';
import { Segments } from '../../ui/Segments';
import { Skeleton } from '../../ui/Skeleton';
import { Space } from '../../ui/Space';
import { Switch } from '../../ui/Switch';
import { useOneStop } from '../../ui/useOneStop';
import { RowSkeleton } from '../conversations/RowSkeleton';
import { forGood, useMute } from '../conversations/useMute';
import { useMuteActions } from '../conversations/useMuteActions';
import { AddPeopleDialog } from './AddPeopleDialog';
import { GroupPicture } from '../conversations/GroupPicture';
import { MemberRow } from './MemberRow';
import { showNotices, useNoticesShown } from '../notices/noticesShown';
import { RenameGroupDialog } from './RenameGroupDialog';
import { manages, roleIn } from '../conversations/rights';
import { useLeaveGroup } from './useLeaveGroup';
import { useMembers } from './useMembers';

/** What a group is called, who is in it, and what holds there for oneself and for all. */
export function GroupDetails({ groupId }: { groupId: Id }) {
  const group = useAppStore((state) => state.conversations[groupId]?.conversation);
  if (group === undefined) return null;
  return (
    <div data-testid="group-details" className="grid grid-cols-1 gap-5">
      <Title group={group} />
      <Choices group={group} />
      <MemberList group={group} />
      <Leave group={group} />
    </div>
  );
}

const useManages = (group: Conversation): boolean =>
  useAppStore((state) => manages(roleIn(group, myId(state))));

function Title({ group }: { group: Conversation }) {
  const { t } = useTranslation();
  const mayRename = useManages(group);
  const [renaming, setRenaming] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const name = group.name ?? '';
  return (
    <div className="flex items-center gap-3 px-2">
      <GroupPicture id={group._id} name={name} src={group.picture} className="size-14 text-2xl" />
      <div className="min-w-0 flex-1">
        <p className="line-clamp-2 text-lg font-bold tracking-tight wrap-anywhere">
          <bdi translate="no">{name}</bdi>
        </p>
        <p className="text-sm text-muted">{t('group.membersCount', { count: group.memberCount })}</p>
      </div>
      {mayRename && (
        <IconButton ref={button} label={t('group.rename')} onClick={() => setRenaming(true)}>
          <PencilLine className="size-4.5" />
        </IconButton>
      )}
      <RenameGroupDialog
        group={group}
        open={renaming}
        onClose={() => setRenaming(false)}
        returnFocus={() => button.current?.focus()}
      />
    </div>
  );
}

function Choices({ group }: { group: Conversation }) {
  const { t } = useTranslation();
  const complain = useComplain();
  const { api, account } = useClient();
  const mayChoose = useManages(group);
  const noticesShown = useNoticesShown();

  const choose = async (history: GroupHistory) => {
    account()?.conversationReceived(await api.changeGroup(group._id, { history }));
  };
  return (
    <div className="grid grid-cols-1 gap-4 border-t border-hairline px-2 pt-4">
      <Muting group={group} />
      <Switch
        label={t('group.notices')}
        hint={t('group.noticesHint')}
        checked={noticesShown}
        onChange={showNotices}
      />
      {mayChoose && (
        <div>
          <Segments
            label={t('group.history')}
            value={group.history ?? 'all'}
            choices={[
              { value: 'all', name: t('group.historyAll') },
              { value: 'since-joining', name: t('group.historyJoining') },
            ]}
            onChoose={(history) => void choose(history).catch(complain)}
          />
          <p className="mt-1.5 text-sm text-muted">{t('group.historyHint')}</p>
        </div>
      )}
    </div>
  );
}

function Muting({ group }: { group: Conversation }) {
  const { t } = useTranslation();
  const times = useTimes();
  const target = useMemo(() => ({ conversationId: group._id }), [group._id]);
  const { muted, until } = useMute(target);
  const actions = useMuteActions(target);
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const words = !muted
    ? t('group.muteOn')
    : until === null || until === forGood
      ? t('group.muteEver')
      : t('group.muteUntil', { time: times.dated(until) });
  const Icon = muted ? BellOff : Bell;
  return (
    <div className="flex items-center gap-4">
      <span className="flex min-w-0 flex-1 flex-col">
        <span className="font-semibold">{t('group.mute')}</span>
        <span className="text-sm text-muted">{words}</span>
      </span>
      <ActionMenu
        open={open}
        onOpenChange={setOpen}
        label={t('group.mute')}
        actions={actions}
        returnFocus={() => button.current?.focus()}
        trigger={
          <IconButton
            ref={button}
            label={`${t('group.mute')}: ${words}`}
            data-testid="group-mute"
            className="bg-sunken"
            onClick={() => setOpen(true)}
          >
            <Icon className="size-4.5" />
          </IconButton>
        }
      />
    </div>
  );
}

function MemberList({ group }: { group: Conversation }) {
  const { t } = useTranslation();
  const { account } = useClient();
  const mayAdd = useManages(group);
  const { members, state, error, hasMore, loadMore } = useMembers(group);
  const [adding, setAdding] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const me = useAppStore(myId);
  // Oneself has nothing to press.
  const { list, stopOf } = useOneStop(members.flatMap(({ _id }) => (_id === me ? [] : [_id])));
  const without = useMemo(() => new Set(members.map(({ _id }) => _id)), [members]);
  useEffect(
    () => (without.size === 0 ? undefined : account()?.watching.people([...without])),
    [account, without],
  );
  return (
    <section aria-label={t('group.members')} className="border-t border-hairline pt-3">
      <div className="flex min-h-9 items-center gap-2 px-2">
        <h3 className="flex-1 font-semibold">
          <span>{t('group.members')}</span>
          <Space />
          <span className="tabular font-normal text-muted">{group.memberCount}</span>
        </h3>
        {mayAdd && (
          <Button
            ref={button}
            look="link"
            data-testid="add-people"
            onClick={() => setAdding(true)}
            className="-mr-1 px-1"
          >
            <UserRoundPlus className="size-4" aria-hidden="true" />
            <span>{t('group.add')}</span>
          </Button>
        )}
      </div>
      {state === 'loading' ? (
        <Skeleton label={t('search.loading')}>
          <RowSkeleton count={3} />
        </Skeleton>
      ) : state === 'failed' ? (
        <p role="alert" className="px-2 py-3 text-sm text-muted">
          {errorText(t, error)}
        </p>
      ) : (
        <ul className="mt-1" {...list}>
          {members.map((member) => (
            <MemberRow key={member._id} group={group} member={member} stop={stopOf(member._id)} />
          ))}
        </ul>
      )}
      {hasMore && (
        <Button look="link" className="m-2" onClick={loadMore}>
          {t('search.more')}
        </Button>
      )}
      <AddPeopleDialog
        group={group}
        without={without}
        open={adding}
        onClose={() => setAdding(false)}
        returnFocus={() => button.current?.focus()}
      />
    </section>
  );
}

function Leave({ group }: { group: Conversation }) {
  const { t } = useTranslation();
  const button = useRef<HTMLButtonElement>(null);
  const { ask, dialog } = useLeaveGroup(group, () => button.current?.focus());
  return (
    <div className="border-t border-hairline px-2 pt-3">
      <Button ref={button} look="danger" onClick={ask} className="py-1.5">
        <LogOut className="size-4" aria-hidden="true" />
        <span>{t('group.leave')}</span>
      </Button>
      {dialog}
    </div>
  );
}
