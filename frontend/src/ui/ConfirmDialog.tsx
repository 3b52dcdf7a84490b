import { useTranslation } from '../i18n/useTranslation';
import { Button } from './Button';
import { DialogBox } from './DialogBox';
import { useLast } from './useLast';

type Props<What> = {
  /** What is asked about; null while nothing is. */
  what: What | null;
  title: (what: What) => string;
  hint: (what: What) => string;
  /** The word on the button that does it. */
  action: (what: What) => string;
  onCancel: () => void;
  onConfirm: (what: What) => void;
  returnFocus?: () => void;
};

/** Asks before something is done to somebody. */
export function ConfirmDialog<What>({
  what,
  title,
  hint,
  action,
  onCancel,
  onConfirm,
  returnFocus,
}: Props<What>) {
  const { t } = useTranslation();
  // While it fades it still says what it said.
  const shown = useLast(what);
  return (
    <DialogBox
      open={what !== null}
      onClose={onCancel}
      title={shown === null ? '' : title(shown)}
      hint={shown === null ? '' : hint(shown)}
      returnFocus={returnFocus}
    >
      <div className="flex justify-end gap-2 max-wide:*:flex-1">
        <Button look="quiet" small onClick={onCancel}>
          {t('dialog.cancel')}
        </Button>
        <Button
          look="destructive"
          small
          onClick={() => {
            if (what !== null) onConfirm(what);
          }}
        >
          {shown !== null && action(shown)}
        </Button>
      </div>
    </DialogBox>
  );
}
