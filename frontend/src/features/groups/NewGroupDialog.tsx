import { createClientId } from '@sori/client';
import type { Person } from '@sori/contract';
import { useMemo, useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useNavigate } from 'react-router';
import { useComplain } from '../../i18n/useComplain';
import { useClient } from '../../session/SocketContext';
import { myId } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import { Button } from '../../ui/Button';
import { DialogBox } from '../../ui/DialogBox';
import { TextField } from '../../ui/TextField';
import { nameFault } from './groupName';
import { PeoplePicker } from './PeoplePicker';

type Props = { open: boolean; onOpenChange: (open: boolean) => void; returnFocus: () => void };

/** A name and some people make a group. */
export function NewGroupDialog({ open, onOpenChange, returnFocus }: Props) {
  const { t } = useTranslation();
  return (
    <DialogBox
      open={open}
      onClose={() => onOpenChange(false)}
      title={t('group.createTitle')}
      hint={t('group.createHint')}
      returnFocus={returnFocus}
    >
      <NewGroup onMade={() => onOpenChange(false)} onCancel={() => onOpenChange(false)} />
    </DialogBox>
  );
}

function NewGroup({ onMade, onCancel }: { onMade: () => void; onCancel: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const complain = useComplain();
  const { api, account } = useClient();
  const me = useAppStore(myId);
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<readonly Person[]>([]);
  const [asked, setAsked] = useState(false);
  const [making, setMaking] = useState(false);
  // One for the life of the dialog: pressed again after an answer that was lost, it is the same group.
  const [clientId] = useState(createClientId);
  const without = useMemo(() => new Set([me]), [me]);
  const fault = nameFault(t, name);

  const submit = async () => {
    setAsked(true);
    if (fault !== undefined || making) return;
    setMaking(true);
    try {
      const memberIds = chosen.map(({ _id }) => _id);
      const group = await api.createGroup({ name: name.trim(), memberIds, clientId });
      account()?.conversationReceived(group);
      onMade();
      await navigate(`/c/${group._id}`, { state: { fromList: true } });
    } catch (thrown) {
      complain(thrown);
    } finally {
      setMaking(false);
    }
  };
  return (
    <form
      data-testid="group-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <TextField
        label={t('group.name')}
        placeholder={t('group.namePlaceholder')}
        name="name"
        autoComplete="off"
        keepsPlace
        value={name}
        fault={asked ? fault : undefined}
        onChange={(event) => setName(event.target.value)}
      />
      <div className="mt-2">
        <PeoplePicker chosen={chosen} onChosen={setChosen} without={without} />
      </div>
      <div className="mt-4 flex items-center justify-end gap-2 max-wide:*:flex-1">
        <Button look="quiet" small onClick={onCancel}>
          {t('dialog.cancel')}
        </Button>
        <Button type="submit" small disabled={making}>
          {t(making ? 'group.submitting' : 'group.submit')}
        </Button>
      </div>
    </form>
  );
}
