import type { Id, RoomPerson } from '@sori/contract';
import { Ban, Ellipsis, MessageCircle, UserMinus } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useNavigate } from 'react-router';
import { toast } from 'sonner';
import { useComplain } from '../../i18n/useComplain';
import { useClient } from '../../session/SocketContext';
import { myId } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import { ActionMenu, type Action } from '../../ui/ActionMenu';
import { ConfirmDialog } from '../../ui/ConfirmDialog';
import { IconButton } from '../../ui/IconButton';
import type { Stop } from '../../ui/useOneStop';
import { usePersonActions } from '../reports/usePersonActions';

type Props = { conversationId: Id; person: RoomPerson; stop: Stop };
type Asking = 'kick' | 'ban' | null;

/** What can be done about somebody who is in the room: by its owner, and by anybody with an account. */
export function PersonTools({ conversationId, person, stop }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const complain = useComplain();
  const { api } = useClient();
  const conversation = useAppStore((state) => state.conversations[conversationId]?.conversation);
  const me = useAppStore(myId);
  const isGuest = useAppStore((state) => state.visit !== null);
  const [open, setOpen] = useState(false);
  const [asking, setAsking] = useState<Asking>(null);
  const button = useRef<HTMLButtonElement>(null);
  const { name, _id, guest } = person;
  const { actions: personActions, dialogs } = usePersonActions({ _id, name }, () => button.current?.focus());
  const slug = conversation?.slug ?? '';
  const isOwner = conversation?.members.find(({ userId }) => userId === me)?.role === 'owner';

  const actions: Action[] = [
    ...(guest || isGuest
      ? []
      : [
          {
            key: 'write',
            Icon: MessageCircle,
            label: t('room.write'),
            run: () => void navigate(`/u/${_id}`),
          },
        ]),
    ...(isGuest ? [] : personActions.filter(({ key }) => !guest || key === 'report')),
    ...(isOwner
      ? [
          {
            key: 'kick',
            Icon: UserMinus,
            label: t('room.kick'),
            apart: true,
            movesFocus: true,
            run: () => setAsking('kick'),
          },
          {
            key: 'ban',
            Icon: Ban,
            label: t('room.ban'),
            danger: true,
            movesFocus: true,
            run: () => setAsking('ban'),
          },
        ]
      : []),
  ];
  if (actions.length === 0) return null;

  const act = async (what: 'kick' | 'ban') => {
    setAsking(null);
    await (what === 'kick' ? api.kickFromRoom(slug, _id) : api.banFromRoom(slug, _id));
    toast(t(what === 'kick' ? 'room.kicked' : 'room.banned', { name }));
  };
  return (
    <>
      <ActionMenu
        open={open}
        onOpenChange={setOpen}
        label={t('room.personMenu', { name })}
        actions={actions}
        returnFocus={() => button.current?.focus()}
        trigger={
          <IconButton
            {...stop}
            ref={button}
            label={t('room.personMenu', { name })}
            onClick={() => setOpen(true)}
          >
            <Ellipsis className="size-4" />
          </IconButton>
        }
      />
      <ConfirmDialog
        what={asking}
        title={(what) => t(what === 'kick' ? 'room.kickTitle' : 'room.banTitle', { name })}
        hint={(what) => t(what === 'kick' ? 'room.kickHint' : 'room.banHint')}
        action={(what) => t(what === 'kick' ? 'room.kick' : 'room.ban')}
        onCancel={() => setAsking(null)}
        onConfirm={(what) => void act(what).catch(complain)}
        returnFocus={() => button.current?.focus()}
      />
      {dialogs}
    </>
  );
}
