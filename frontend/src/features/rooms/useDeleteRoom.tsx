import type { Conversation } from '@sori/contract';
import { useState, type ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { useComplain } from '../../i18n/useComplain';
import { useTranslation } from '../../i18n/useTranslation';
import { useClient } from '../../session/SocketContext';
import { myId } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import { ConfirmDialog } from '../../ui/ConfirmDialog';
import { roleIn } from '../conversations/rights';
import { lobbySlug, roomName } from '../conversations/roomName';

/** Deleting a room, after a question that says what it means. `ask` is null for who may not. */
export function useDeleteRoom(
  conversation: Conversation,
  returnFocus: () => void,
): { ask: (() => void) | null; dialog: ReactNode } {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const complain = useComplain();
  const { api, store, account } = useClient();
  const me = useAppStore(myId);
  const isAdmin = useAppStore((state) => state.admin === true);
  const [asking, setAsking] = useState<Conversation | null>(null);
  const may = conversation.slug !== lobbySlug && (isAdmin || roleIn(conversation, me) === 'owner');

  const remove = async ({ _id, slug = '' }: Conversation) => {
    setAsking(null);
    // Away from it first: who deletes it needs no notice that it is gone.
    await navigate('/');
    await api.deleteRoom(slug);
    account()?.conversationGone(_id);
    store.getState().goneByOneself(_id);
  };
  return {
    ask: may ? () => setAsking(conversation) : null,
    dialog: (
      <ConfirmDialog
        what={asking}
        title={(room) => t('room.deleteTitle', { name: roomName(t, room) })}
        hint={() => t('room.deleteHint')}
        action={() => t('room.deleteConfirm')}
        onCancel={() => setAsking(null)}
        onConfirm={(room) => void remove(room).catch(complain)}
        returnFocus={returnFocus}
      />
    ),
  };
}
