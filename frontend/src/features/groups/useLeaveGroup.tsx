import type { Conversation } from '@sori/contract';
import { useState, type ReactNode } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useNavigate } from 'react-router';
import { toast } from 'sonner';
import { useComplain } from '../../i18n/useComplain';
import { useClient } from '../../session/SocketContext';
import { myId } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import { ConfirmDialog } from '../../ui/ConfirmDialog';
import { roleIn } from '../conversations/rights';
import { useRejoin } from './useRejoin';

/** Leaving a group, after a question that says what it means. */
export function useLeaveGroup(
  conversation: Conversation,
  returnFocus: () => void,
): { ask: () => void; dialog: ReactNode } {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const complain = useComplain();
  const { api, store, account } = useClient();
  const me = useAppStore(myId);
  const [asking, setAsking] = useState<Conversation | null>(null);

  const hint = ({ members, memberCount }: Conversation): string => {
    if (memberCount === 1) return t('group.leaveAloneHint');
    const owners = members.filter(({ role }) => role === 'owner');
    return roleIn({ members }, me) === 'owner' && owners.length === 1
      ? t('group.leaveOwnerHint')
      : t('group.leaveHint');
  };
  const { rejoin } = useRejoin();
  const leave = async ({ _id, name = '' }: Conversation) => {
    setAsking(null);
    // Away from it first: what one leaves by oneself needs no notice that it is gone.
    await navigate('/');
    await api.leaveGroup(_id);
    account()?.conversationGone(_id);
    store.getState().goneByOneself(_id);
    toast(t('group.left', { name }), {
      action: {
        label: t('group.rejoin'),
        onClick: () =>
          void rejoin(_id).then((isBack) => {
            if (isBack) void navigate(`/c/${_id}`);
          }),
      },
    });
  };
  return {
    ask: () => setAsking(conversation),
    dialog: (
      <ConfirmDialog
        what={asking}
        title={({ name = '' }) => t('group.leaveTitle', { name })}
        hint={hint}
        action={() => t('group.leaveConfirm')}
        onCancel={() => setAsking(null)}
        onConfirm={(group) => void leave(group).catch(complain)}
        returnFocus={returnFocus}
      />
    ),
  };
}
