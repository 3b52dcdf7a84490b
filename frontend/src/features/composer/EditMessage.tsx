import { codePoints, limits } from '@sori/contract';
import { Check, Copy, Pencil } from 'lucide-react';
import { useEffect, useState, type Ref } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { isTouched } from '../../account/edits/editsSlice';
import { keyOf, type Edit } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import { glance } from '../../ui/graphemes';
import { IconButton } from '../../ui/IconButton';
import { useCopy } from '../../ui/useCopy';
import type { Target } from '../conversations/target';
import { useMentionCompletion } from './useMentionCompletion';
import { ComposerBar } from './ComposerBar';
import { MessageBox, type MessageBoxHandle } from './MessageBox';
import { hasFiles, type Editable } from '../messages/useMessageActions';
import { useQuote } from '../messages/useQuote';

type Props = {
  target: Target;
  edit: Edit;
  takesFocus: boolean;
  box: Ref<MessageBoxHandle>;
  onText: (text: string) => void;
  /** Nothing was changed here, and the message says something else by now. */
  onFollow: (said: string) => void;
  onDone: (message: Editable, text: string) => void;
  onCancel: () => void;
};

/** New words for what one said before. What became of the message meanwhile is told, and takes nothing away. */
export function EditMessage({ target, edit, takesFocus, box, onText, onFollow, onDone, onCancel }: Props) {
  const { t } = useTranslation();
  const copy = useCopy();
  const completion = useMentionCompletion(target);
  const { message, isGone, saysNow } = useMeanwhile(target, edit);
  const [refused, setRefused] = useState(false);
  const { text } = edit;
  const touched = isTouched(edit);

  useEffect(() => {
    if (saysNow !== null && !touched) onFollow(saysNow);
  }, [saysNow, touched, onFollow]);

  const submit = (written: string): boolean => {
    onText(written);
    if (isGone) return false;
    if (codePoints(written.trim()) > limits.messageMax) setRefused(true);
    else onDone(message, written);
    return false;
  };
  return (
    <MessageBox
      ref={box}
      text={text}
      onText={(next) => {
        setRefused(false);
        onText(next);
      }}
      onSubmit={submit}
      refused={refused}
      label={t('composer.editLabel')}
      placeholder={t(hasFiles(message) ? 'files.noCaption' : 'composer.editEmpty')}
      submitLabel={t('composer.save')}
      Icon={Check}
      ready={!isGone && text.trim() !== edit.before}
      takesFocus={takesFocus}
      completion={completion}
      onKey={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onCancel();
      }}
    >
      <ComposerBar Icon={Pencil} cancelLabel={t('composer.cancelEdit')} onCancel={onCancel}>
        <span className="font-semibold text-jjok">{t('composer.editing')}</span>
        <span className="ml-2 text-muted max-wide:hidden">{t('composer.editHint')}</span>
      </ComposerBar>
      {(isGone || (saysNow !== null && touched)) && (
        <div
          role="alert"
          data-testid="edit-meanwhile"
          className="flex items-center gap-2 border-b border-hairline py-1 pr-1 pl-4 text-sm text-persimmon-text"
        >
          <p className="line-clamp-3 min-w-0 flex-1 wrap-anywhere">
            {isGone ? t('composer.editGone') : t('composer.editChanged', { text: glance(saysNow ?? '') })}
          </p>
          <IconButton label={t('composer.copyText')} onClick={() => copy(text, t('message.copied'))}>
            <Copy className="size-4" />
          </IconButton>
        </div>
      )}
    </MessageBox>
  );
}

/** What became of the message since that edit began. */
const useMeanwhile = (target: Target, { messageId, before }: Edit) => {
  const { state, message: found } = useQuote(target, messageId);
  const conversationId = useAppStore((store) => keyOf(store, target));
  // Stored, and not told by the log yet.
  const sent = useAppStore(
    ({ outbox }) => outbox[conversationId]?.find((item) => item.message?._id === messageId)?.message,
  );
  const message = found ?? sent ?? null;
  const online = useAppStore(({ connection }) => connection === 'online');
  const isChanging = useAppStore(({ changes }) => changes[messageId] !== undefined);
  // Without a connection nobody knows.
  const isGone = message === null ? state === 'missing' && online : message.deletedAt !== undefined;
  const isOther = message !== null && !isGone && !isChanging && before !== null && message.message !== before;
  return {
    message: message ?? { _id: messageId, conversationId, message: before ?? '' },
    isGone,
    /** Its words by now, where they are not those that the edit began with. */
    saysNow: isOther ? message.message : null,
  };
};
