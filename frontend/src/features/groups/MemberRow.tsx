import type { Conversation, Member, Role } from '@sori/contract';
import { Ellipsis, MessageCircle, ShieldCheck, ShieldOff, UserMinus, UserStar } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useNavigate } from 'react-router';
import { useComplain } from '../../i18n/useComplain';
import { useClient } from '../../session/SocketContext';
import { myId } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import { ActionMenu, type Action } from '../../ui/ActionMenu';
import { Avatar } from '../../ui/Avatar';
import { ConfirmDialog } from '../../ui/ConfirmDialog';
import { IconButton } from '../../ui/IconButton';
import type { Stop } from '../../ui/useOneStop';
import { PresenceDot } from '../people/PresenceDot';
import { usePersonActions } from '../reports/usePersonActions';
import { mayRemove, roleIn, rolesToGive } from '../conversations/rights';

type Props = { group: Conversation; member: Member; stop: Stop };

/** Somebody in the group: whether they are there, what they may do, and what one can do about them. */
export function MemberRow({ group, member, stop }: Props) {
  const { t } = useTranslation();
  const me = useAppStore(myId);
  return (
    <li
      data-testid="group-member"
      data-user-id={member._id}
      data-role={member.role}
      className="flex items-center gap-3 rounded-xl px-2 py-1.5 transition-colors hover:bg-hover"
    >
      <span className="relative shrink-0">
        <Avatar name={member.fullName} src={member.profilePic} className="size-9" />
        <PresenceDot userId={member._id} surface="ring-rail max-wide:ring-raised" />
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate">
          <bdi translate="no" className="font-semibold">
            {member.fullName}
          </bdi>
          {member._id === me && <span className="text-muted">{` (${t('search.you')})`}</span>}
        </span>
        <span className="block truncate text-sm text-muted">
          {member.role === 'member' ? (
            <bdi translate="no">{`@${member.username}`}</bdi>
          ) : (
            <span>{t(`group.${member.role}`)}</span>
          )}
        </span>
      </span>
      {member._id !== me && <MemberTools group={group} member={member} stop={stop} />}
    </li>
  );
}

const roleLooks = {
  owner: { Icon: UserStar, label: 'group.makeOwner' },
  admin: { Icon: ShieldCheck, label: 'group.makeAdmin' },
  member: { Icon: ShieldOff, label: 'group.makeMember' },
} as const;

function MemberTools({ group, member, stop }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const complain = useComplain();
  const { api, account } = useClient();
  const mine = useAppStore((state) => roleIn(group, myId(state)));
  const [open, setOpen] = useState(false);
  const [removing, setRemoving] = useState<Member | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const returnFocus = () => button.current?.focus();
  const { _id, fullName: name, role } = member;
  const person = usePersonActions({ _id, name }, returnFocus);

  const change = async (make: () => Promise<void>) => {
    await make();
    await account()?.list.describe(group._id);
  };
  const give = (next: Role): Action => ({
    key: next,
    Icon: roleLooks[next].Icon,
    label: t(role === 'owner' && next === 'member' ? 'group.takeOwner' : roleLooks[next].label),
    run: () => void change(() => api.changeRole(group._id, _id, next)).catch(complain),
  });
  const actions: Action[] = [
    {
      key: 'write',
      Icon: MessageCircle,
      label: t('group.write', { name }),
      movesFocus: true,
      run: () => void navigate(`/u/${_id}`),
    },
    ...rolesToGive(mine, role).map((next, index) => ({ ...give(next), apart: index === 0 })),
    ...person.actions,
    ...(mayRemove(mine, role)
      ? [
          {
            key: 'remove',
            Icon: UserMinus,
            label: t('group.remove'),
            danger: true,
            apart: true,
            movesFocus: true,
            run: () => setRemoving(member),
          },
        ]
      : []),
  ];
  return (
    <>
      <ActionMenu
        open={open}
        onOpenChange={setOpen}
        label={t('group.memberMenu', { name })}
        actions={actions}
        returnFocus={returnFocus}
        trigger={
          <IconButton
            {...stop}
            ref={button}
            label={t('group.memberMenu', { name })}
            data-testid="member-menu"
            onClick={() => setOpen(true)}
          >
            <Ellipsis className="size-4" />
          </IconButton>
        }
      />
      <ConfirmDialog
        what={removing}
        title={({ fullName }) => t('group.removeTitle', { name: fullName })}
        hint={() => t('group.removeHint')}
        action={() => t('group.removeConfirm')}
        onCancel={() => setRemoving(null)}
        onConfirm={() => {
          setRemoving(null);
          change(() => api.removeMember(group._id, _id)).catch(complain);
        }}
        returnFocus={returnFocus}
      />
      {person.dialogs}
    </>
  );
}
