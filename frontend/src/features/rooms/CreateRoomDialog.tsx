import { toApiError } from '@sori/client';
import { codePoints, isVisibleName, limits, type Language } from '@sori/contract';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { currentLanguage, languageNames, languages } from '../../i18n';
import { errorText } from '../../i18n/errorText';
import { useClient } from '../../session/SocketContext';
import { Button } from '../../ui/Button';
import { DialogBox } from '../../ui/DialogBox';
import { Segments } from '../../ui/Segments';
import { TextField } from '../../ui/TextField';
import { useGo } from '../../navigation/going';
import { FormAlert } from '../../ui/FormAlert';

type Props = { open: boolean; onOpenChange: (open: boolean) => void; returnFocus: () => void };

/** A name makes a room; its rules can stay as they are. */
export function CreateRoomDialog({ open, onOpenChange, returnFocus }: Props) {
  const { t } = useTranslation();
  return (
    <DialogBox
      open={open}
      onClose={() => onOpenChange(false)}
      title={t('room.createTitle')}
      hint={t('room.createHint')}
      returnFocus={returnFocus}
    >
      <Form onDone={() => onOpenChange(false)} />
    </DialogBox>
  );
}

const waits = ['0', '5', '15', '60'] as const;
const keeps = ['1', '24', '168', '720'] as const;

const keptFor = (t: TFunction, hours: number): string =>
  hours < 48 ? t('room.hours', { count: hours }) : t('room.days', { count: hours / 24 });

/** What is wrong with the name, by the contract's rules. */
const nameFault = (t: TFunction, typed: string): string | undefined => {
  const name = typed.trim();
  if (name === '') return t('room.nameRequired');
  if (codePoints(name) > limits.conversationNameMax)
    return t('room.nameLong', { max: limits.conversationNameMax });
  return isVisibleName(name) ? undefined : t('fault.fullNameVisible');
};

/** The contract's rules for a slug, told one at a time. What is empty is made by the server. */
const slugFault = (t: TFunction, typed: string): string | undefined => {
  const slug = typed.trim().normalize('NFKC').toLowerCase();
  if (slug === '') return undefined;
  if (!/^[a-z0-9가-힣]+(?:-[a-z0-9가-힣]+)*$/.test(slug)) return t('room.slugLetters');
  const length = codePoints(slug);
  return length < limits.slugMin || length > limits.slugMax
    ? t('room.slugLength', { min: limits.slugMin, max: limits.slugMax })
    : undefined;
};

/** What is typed and chosen, and the asking for it. */
function useRoomForm(onDone: () => void) {
  const { t } = useTranslation();
  const go = useGo();
  const { api, store } = useClient();
  const [name, setName] = useState('');
  const [slug, setSlug] = useState('');
  const [takenSlug, setTakenSlug] = useState<string | null>(null);
  const [language, setLanguage] = useState<Language>(currentLanguage);
  const [wait, setWait] = useState<(typeof waits)[number]>('0');
  const [keep, setKeep] = useState<(typeof keeps)[number]>('24');
  const [asked, setAsked] = useState(false);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const wrongName = nameFault(t, name);
  const wrongSlug = slugFault(t, slug) ?? (slug === takenSlug ? t('room.slugTaken') : undefined);

  const submit = async () => {
    setAsked(true);
    if (wrongName !== undefined || wrongSlug !== undefined) return;
    setSending(true);
    setFailure(null);
    try {
      const room = await api.createRoom({
        name: name.trim(),
        language,
        slowModeSeconds: Number(wait),
        retentionHours: Number(keep),
        ...(slug.trim() === '' ? {} : { slug: slug.trim() }),
      });
      store.getState().conversationsReceived([room]);
      onDone();
      go(`/open/${room.slug}`, { state: { fromList: true } });
    } catch (thrown) {
      if (toApiError(thrown).code === 'CONFLICT' && slug.trim() !== '') setTakenSlug(slug);
      else setFailure(thrown);
      setSending(false);
    }
  };
  return {
    name,
    setName,
    slug,
    setSlug,
    language,
    setLanguage,
    wait,
    setWait,
    keep,
    setKeep,
    sending,
    failure,
    nameFault: asked ? wrongName : undefined,
    slugFault: asked || slug === takenSlug ? wrongSlug : undefined,
    submit,
  };
}

function Form({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const form = useRoomForm(onDone);
  return (
    <form
      data-testid="room-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!form.sending) void form.submit();
      }}
    >
      <FormAlert text={form.failure === null ? undefined : errorText(t, form.failure)} />
      <div className="grid gap-4">
        <TextField
          label={t('room.name')}
          name="name"
          value={form.name}
          autoFocus
          autoComplete="off"
          fault={form.nameFault}
          onChange={(event) => form.setName(event.target.value)}
        />
        <TextField
          label={t('room.slug')}
          name="slug"
          hint={t('room.slugHint')}
          value={form.slug}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          leading="/open/"
          fault={form.slugFault}
          onChange={(event) => form.setSlug(event.target.value)}
        />
        <Segments
          label={t('room.language')}
          value={form.language}
          choices={languages.map((value) => ({ value, name: languageNames[value], lang: value }))}
          onChoose={form.setLanguage}
        />
        <Segments
          label={t('room.slowMode')}
          value={form.wait}
          choices={waits.map((value) => ({
            value,
            name: value === '0' ? t('room.slowOff') : t('room.seconds', { count: Number(value) }),
          }))}
          onChoose={form.setWait}
        />
        <Segments
          label={t('room.retention')}
          value={form.keep}
          choices={keeps.map((value) => ({ value, name: keptFor(t, Number(value)) }))}
          onChoose={form.setKeep}
        />
        <div className="mt-1 flex justify-end gap-2 max-wide:*:flex-1">
          <Button look="quiet" small onClick={onDone}>
            {t('dialog.cancel')}
          </Button>
          <Button small type="submit" disabled={form.sending}>
            {t(form.sending ? 'room.submitting' : 'room.submit')}
          </Button>
        </div>
      </div>
    </form>
  );
}
