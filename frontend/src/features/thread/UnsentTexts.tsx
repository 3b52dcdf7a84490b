import type { Id } from '@sori/contract';
import { useTranslation } from '../../i18n/useTranslation';
import { useClient } from '../../session/SocketContext';
import { isTouched } from '../../account/edits/editsSlice';
import { useAppStore } from '../../session/useAppStore';
import { Button } from '../../ui/Button';
import { attachmentsOf } from '../attachments/outgoing';
import { wordsOf } from '../attachments/words';
import { useCopy } from '../../ui/useCopy';

/** What this person wrote to where they can write no longer: it stays until they throw it away. */
export function UnsentTexts({ lane }: { lane: Id }) {
  const { t, language } = useTranslation();
  const { store } = useClient();
  const items = useAppStore(({ outbox }) => outbox[lane]);
  const draft = useAppStore(({ drafts }) => drafts[lane]?.text ?? '');
  const edits = useAppStore((state) => state.edits[lane]);
  const unsent = items?.filter(({ state }) => state !== 'stored') ?? [];
  const touched = edits?.filter(isTouched) ?? [];
  if (unsent.length + touched.length === 0 && draft.trim() === '') return null;
  const { messageDiscarded, editEnded, draftChanged } = store.getState();
  return (
    <section aria-label={t('unsent.title')} className="mx-auto w-full max-w-120 px-6 pb-8">
      <h2 className="font-semibold">{t('unsent.title')}</h2>
      <p className="text-sm text-muted">{t('unsent.hint')}</p>
      <ul className="mt-3 grid gap-2">
        {unsent.map(({ clientId, text, files, state }) => (
          <li
            key={clientId}
            data-testid="message"
            data-status={state === 'failed' ? 'failed' : 'sending'}
            className="min-w-0"
          >
            <Text
              text={wordsOf({ text, attachments: attachmentsOf({ files }) }, language)}
              onDiscard={state === 'failed' ? () => messageDiscarded(clientId) : undefined}
            />
          </li>
        ))}
        {touched.map(({ messageId, text }) => (
          <li key={messageId} className="min-w-0">
            <Text text={text} onDiscard={() => editEnded(lane, messageId)} />
          </li>
        ))}
        {draft.trim() !== '' && (
          <li className="min-w-0">
            <Text text={draft} onDiscard={() => draftChanged(lane, { text: '', replyTo: null })} />
          </li>
        )}
      </ul>
    </section>
  );
}

function Text({ text, onDiscard }: { text: string; onDiscard: (() => void) | undefined }) {
  const { t } = useTranslation();
  const copy = useCopy();
  return (
    <div className="rounded-xl border border-hairline px-3.5 py-2.5">
      <p
        dir="auto"
        className="max-h-60 overflow-x-clip overflow-y-auto overscroll-contain wrap-anywhere whitespace-pre-wrap select-text"
      >
        {text}
      </p>
      <div className="mt-1 flex justify-end gap-3 text-sm">
        <Button look="link" onClick={() => copy(text, t('message.copied'))}>
          {t('composer.copyText')}
        </Button>
        {onDiscard !== undefined && (
          <Button look="danger" onClick={onDiscard}>
            {t('message.discard')}
          </Button>
        )}
      </div>
    </div>
  );
}
