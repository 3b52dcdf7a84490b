import type { Conversation } from '@sori/contract';
import { useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useComplain } from '../../i18n/useComplain';
import { useClient } from '../../session/SocketContext';
import { Button } from '../../ui/Button';
import { DialogBox } from '../../ui/DialogBox';
import { TextField } from '../../ui/TextField';
import { nameFault } from './groupName';

type Props = { group: Conversation; open: boolean; onClose: () => void; returnFocus: () => void };

/** Another name for the group, which everybody in it is told of. */
export function RenameGroupDialog({ group, open, onClose, returnFocus }: Props) {
  const { t } = useTranslation();
  return (
    <DialogBox open={open} onClose={onClose} title={t('group.renameTitle')} returnFocus={returnFocus}>
      <Form group={group} onClose={onClose} />
    </DialogBox>
  );
}

function Form({ group, onClose }: Pick<Props, 'group' | 'onClose'>) {
  const { t } = useTranslation();
  const complain = useComplain();
  const { api, account } = useClient();
  const [name, setName] = useState(group.name ?? '');
  const [saving, setSaving] = useState(false);
  const fault = nameFault(t, name);

  const save = async () => {
    if (fault !== undefined || saving) return;
    setSaving(true);
    try {
      if (name.trim() !== group.name)
        account()?.conversationReceived(await api.changeGroup(group._id, { name: name.trim() }));
      onClose();
    } catch (thrown) {
      complain(thrown);
      setSaving(false);
    }
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <TextField
        label={t('group.name')}
        name="name"
        autoFocus
        autoComplete="off"
        keepsPlace
        value={name}
        fault={name.trim() === group.name ? undefined : fault}
        onChange={(event) => setName(event.target.value)}
      />
      <div className="mt-2 flex justify-end gap-2 max-wide:*:flex-1">
        <Button look="quiet" small onClick={onClose}>
          {t('dialog.cancel')}
        </Button>
        <Button type="submit" small disabled={saving}>
          {t('group.renameSubmit')}
        </Button>
      </div>
    </form>
  );
}
