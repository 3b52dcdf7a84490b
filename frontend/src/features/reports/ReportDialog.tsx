import { codePoints, limits, type Id } from '@sori/contract';
import { useId, useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { toast } from 'sonner';
import { errorText } from '../../i18n/errorText';
import { useClient } from '../../session/SocketContext';
import { Button } from '../../ui/Button';
import { DialogBox } from '../../ui/DialogBox';
import { Segments } from '../../ui/Segments';
import { useLast } from '../../ui/useLast';
import { FormAlert } from '../../ui/FormAlert';

export type Reported = { name: string } & ({ messageId: Id; text: string } | { userId: Id });

const kinds = ['spam', 'abuse', 'danger', 'other'] as const;
type Kind = (typeof kinds)[number];

type Props = { about: Reported | null; onClose: () => void; returnFocus: () => void };

/** Tells the admins of this server about a message or a person, and why. */
export function ReportDialog({ about, onClose, returnFocus }: Props) {
  const { t } = useTranslation();
  const shown = useLast(about);
  const isMessage = shown !== null && 'messageId' in shown;
  return (
    <DialogBox
      open={about !== null}
      onClose={onClose}
      title={isMessage ? t('report.titleMessage') : t('report.titlePerson', { name: shown?.name ?? '' })}
      hint={t('report.hint', { name: shown?.name ?? '' })}
      returnFocus={returnFocus}
    >
      {shown !== null && (
        <Form key={'messageId' in shown ? shown.messageId : shown.userId} about={shown} onClose={onClose} />
      )}
    </DialogBox>
  );
}

function Form({ about, onClose }: { about: Reported; onClose: () => void }) {
  const { t } = useTranslation();
  const { api } = useClient();
  const [kind, setKind] = useState<Kind>('spam');
  const [words, setWords] = useState('');
  const [wanted, setWanted] = useState(false);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const id = useId();
  const missing = kind === 'other' && words.trim() === '';

  const submit = async () => {
    setWanted(true);
    if (missing) return;
    // The kind in words: whoever reads it may speak another language, and sees it beside what was reported.
    const reason = [t(`report.${kind}`), words.trim()].filter((part) => part !== '').join(': ');
    const body = 'messageId' in about ? { messageId: about.messageId } : { userId: about.userId };
    setSending(true);
    setFailure(null);
    try {
      await api.report({ ...body, reason });
      toast(t('report.sent'));
      onClose();
    } catch (thrown) {
      setFailure(thrown);
    } finally {
      setSending(false);
    }
  };
  return (
    <form
      data-testid="report-form"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <FormAlert text={failure === null ? undefined : errorText(t, failure)} />
      <div className="grid grid-cols-1 gap-4">
        {'text' in about && (
          <p dir="auto" className="line-clamp-3 rounded-xl bg-sunken px-3.5 py-2.5 whitespace-pre-wrap">
            {about.text}
          </p>
        )}
        <Segments
          label={t('report.reason')}
          value={kind}
          choices={kinds.map((value) => ({ value, name: t(`report.${value}`) }))}
          onChoose={setKind}
        />
        <div>
          <label htmlFor={id} className="mb-1.5 block font-semibold">
            {t('report.words')}
          </label>
          <textarea
            id={id}
            rows={3}
            dir="auto"
            value={words}
            onChange={(event) => {
              if (codePoints(event.target.value) <= limits.reasonMax - 50) setWords(event.target.value);
            }}
            aria-invalid={wanted && missing}
            aria-describedby={wanted && missing ? `${id}-fault` : undefined}
            placeholder={t('report.wordsPlaceholder')}
            className="block w-full resize-none rounded-xl border border-outline/60 bg-paper px-3.5 py-2.5 outline-none placeholder:text-muted hover:border-outline focus-visible:border-jjok focus-visible:ring-3 focus-visible:ring-jjok-soft max-wide:text-[1rem]"
          />
          {wanted && missing && (
            <p id={`${id}-fault`} role="alert" className="mt-1.5 text-sm text-persimmon-text">
              {t('report.wordsRequired')}
            </p>
          )}
        </div>
        <div className="flex justify-end gap-2 max-wide:*:flex-1">
          <Button look="quiet" small onClick={onClose}>
            {t('dialog.cancel')}
          </Button>
          <Button small type="submit" disabled={sending}>
            {t(sending ? 'report.submitting' : 'report.submit')}
          </Button>
        </div>
      </div>
    </form>
  );
}
