import { Link2, LogIn, LogOut, Trash2, UserPen } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useNavigate } from 'react-router';
import { useComplain } from '../../i18n/useComplain';
import { useClient } from '../../session/SocketContext';
import { useAppStore } from '../../session/useAppStore';
import type { Action } from '../../ui/ActionMenu';
import { HeaderMenu } from '../../ui/HeaderMenu';
import { useCopy } from '../../ui/useCopy';
import type { Target } from '../conversations/target';
import { useConversationActions } from '../conversations/useConversationActions';
import type { ConversationRow } from '../conversations/conversationRows';
import { RenameDialog } from './RenameDialog';
import { useDeleteRoom } from './useDeleteRoom';

/** What can be done with a room as a whole. */
export function RoomMenu({ row, target }: { row: ConversationRow; target: Target }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const complain = useComplain();
  const copy = useCopy();
  const { api, store, account, leaveAsGuest } = useClient();
  const isGuest = useAppStore((state) => state.visit !== null);
  const ofConversation = useConversationActions(row, target, true);
  const [renaming, setRenaming] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const deletion = useDeleteRoom(row.conversation, () => button.current?.focus());
  const slug = row.conversation.slug ?? '';
  const address = `/open/${slug}`;

  const copyLink = () => copy(new URL(address, window.location.href).href, t('room.linkCopied'));
  const leave = async () => {
    if (isGuest) await leaveAsGuest();
    else {
      await api.leaveRoom(slug);
      await navigate('/');
      account()?.conversationGone(row.id);
      store.getState().goneByOneself(row.id);
    }
  };
  const leaving: Action = {
    key: 'leave',
    Icon: LogOut,
    label: t('room.leave'),
    apart: true,
    movesFocus: true,
    run: () => void leave().catch(complain),
  };
  const copying: Action = { key: 'link', Icon: Link2, label: t('room.copyLink'), run: copyLink };
  const { ask } = deletion;
  const deleting: Action[] =
    ask === null
      ? []
      : [{ key: 'delete', Icon: Trash2, label: t('room.delete'), movesFocus: true, run: ask }];
  const actions: Action[] = isGuest
    ? [
        {
          key: 'rename',
          Icon: UserPen,
          label: t('room.rename'),
          movesFocus: true,
          run: () => setRenaming(true),
        },
        copying,
        {
          key: 'login',
          Icon: LogIn,
          label: t('login.submit'),
          apart: true,
          movesFocus: true,
          run: () => void navigate('/login', { state: { from: address, sessionEnded: false } }),
        },
        { ...leaving, apart: false },
      ]
    : [copying, ...ofConversation, leaving, ...deleting];
  return (
    <>
      <HeaderMenu button={button} label={t('room.menu')} actions={actions} />
      <RenameDialog
        open={renaming}
        slug={slug}
        onClose={() => setRenaming(false)}
        returnFocus={() => button.current?.focus()}
      />
      {deletion.dialog}
    </>
  );
}
