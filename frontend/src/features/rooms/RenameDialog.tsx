import { codePoints, limits } from '@sori/contract';
import { useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { toast } from 'sonner';
import { errorText } from '../../i18n/errorText';
import { useClient } from '../../session/SocketContext';
import { useAppStore } from '../../session/useAppStore';
import { Button } from '../../ui/Button';
import { DialogBox } from '../../ui/DialogBox';
import { TextField } from '../../ui/TextField';
import { FormAlert } from '../../ui/FormAlert';

type Props = { open: boolean; slug: string; onClose: () => void; returnFocus: () => void };

/** A guest's other name. The server may number it: it says what the name is. */
export function RenameDialog({ open, slug, onClose, returnFocus }: Props) {
  const { t } = useTranslation();
  return (
    <DialogBox open={open} onClose={onClose} title={t('room.renameTitle')} returnFocus={returnFocus}>
      <Form slug={slug} onClose={onClose} />
    </DialogBox>
  );
}

function Form({ slug, onClose }: Pick<Props, 'slug' | 'onClose'>) {
  const { t } = useTranslation();
  const { enterRoom } = useClient();
  const before = useAppStore((state) => state.me?.fullName ?? '');
  const [name, setName] = useState(before);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);

  const submit = async () => {
    setSending(true);
    setFailure(null);
    try {
      const { me } = await enterRoom(slug, name);
      toast(t('room.renamed', { name: me.name }));
      onClose();
    } catch (thrown) {
      setFailure(thrown);
      setSending(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <FormAlert text={failure === null ? undefined : errorText(t, failure)} />
      <TextField
        label={t('room.nickname')}
        hint={t('room.renameHint')}
        value={name}
        autoFocus
        autoComplete="off"
        onChange={(event) => {
          if (codePoints(event.target.value) <= limits.nicknameMax) setName(event.target.value);
        }}
      />
      <div className="mt-4 flex justify-end gap-2 max-wide:*:flex-1">
        <Button look="quiet" small onClick={onClose}>
          {t('dialog.cancel')}
        </Button>
        <Button small type="submit" disabled={sending}>
          {t('room.renameSave')}
        </Button>
      </div>
    </form>
  );
}
