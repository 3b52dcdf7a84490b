import { DoorOpen, Plus, Sofa, UsersRound } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { ActionMenu, type Action } from '../../ui/ActionMenu';
import { IconButton } from '../../ui/IconButton';
import { NewGroupDialog } from '../groups/NewGroupDialog';
import { CreateRoomDialog } from '../rooms/CreateRoomDialog';
import { useGo } from '../../navigation/going';

/** What one can begin, besides writing to somebody whom one looks up. */
export function NewMenu() {
  const { t } = useTranslation();
  const go = useGo();
  const [open, setOpen] = useState(false);
  const [making, setMaking] = useState<'group' | 'room' | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const returnFocus = () => button.current?.focus();
  const actions: Action[] = [
    {
      key: 'group',
      Icon: UsersRound,
      label: t('group.create'),
      movesFocus: true,
      run: () => setMaking('group'),
    },
    {
      key: 'room',
      Icon: DoorOpen,
      label: t('room.create'),
      movesFocus: true,
      run: () => setMaking('room'),
    },
    {
      key: 'lobby',
      Icon: Sofa,
      label: t('room.lobby'),
      apart: true,
      movesFocus: true,
      run: () => go('/open/lobby', { state: { fromList: true } }),
    },
  ];
  return (
    <>
      <ActionMenu
        open={open}
        onOpenChange={setOpen}
        label={t('rail.new')}
        actions={actions}
        returnFocus={returnFocus}
        trigger={
          <IconButton ref={button} label={t('rail.new')} data-testid="new-menu" onClick={() => setOpen(true)}>
            <Plus className="size-5" />
          </IconButton>
        }
      />
      <NewGroupDialog
        open={making === 'group'}
        onOpenChange={(isOpen) => setMaking(isOpen ? 'group' : null)}
        returnFocus={returnFocus}
      />
      <CreateRoomDialog
        open={making === 'room'}
        onOpenChange={(isOpen) => setMaking(isOpen ? 'room' : null)}
        returnFocus={returnFocus}
      />
    </>
  );
}
