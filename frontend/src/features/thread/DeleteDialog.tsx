import { useTranslation } from '../../i18n/useTranslation';
import { Button } from '../../ui/Button';
import { DialogBox } from '../../ui/DialogBox';
import { useLast } from '../../ui/useLast';
import type { Editable } from '../messages/useMessageActions';

type Props = {
  message: Editable | null;
  onKeep: () => void;
  onDelete: () => void;
  returnFocus: () => void;
};

/** Asks before something is gone for everybody, and shows what. */
export function DeleteDialog({ message, onKeep, onDelete, returnFocus }: Props) {
  const { t } = useTranslation();
  const shown = useLast(message);
  return (
    <DialogBox
      open={message !== null}
      onClose={onKeep}
      title={t('message.deleteTitle')}
      hint={t('message.deleteHint')}
      returnFocus={returnFocus}
    >
      <p dir="auto" className="line-clamp-4 rounded-xl bg-sunken px-3.5 py-2.5 whitespace-pre-wrap">
        {shown?.message}
      </p>
      <div className="mt-5 flex justify-end gap-2 max-wide:*:flex-1">
        <Button look="quiet" small onClick={onKeep}>
          {t('dialog.cancel')}
        </Button>
        <Button look="destructive" small onClick={onDelete}>
          {t('message.remove')}
        </Button>
      </div>
    </DialogBox>
  );
}
