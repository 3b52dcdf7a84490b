import { ArrowUp, CornerUpLeft } from 'lucide-react';
import { useImperativeHandle, useRef, useState, type KeyboardEvent, type Ref } from 'react';
import { toast } from 'sonner';
import { isTouched } from '../../account/edits/editsSlice';
import { useTranslation } from '../../i18n/useTranslation';
import { useComplain } from '../../i18n/useComplain';
import { useMentionCompletion } from './useMentionCompletion';
import type { Target } from '../conversations/target';
import { AttachButton } from './AttachButton';
import { ComposerBar } from './ComposerBar';
import { EditMessage } from './EditMessage';
import { MessageBox, type MessageBoxHandle } from './MessageBox';
import { useQuoteWords } from '../messages/QuoteBlock';
import { Tray } from './Tray';
import { useChosenFiles } from './useChosenFiles';
import { useDraft } from './useDraft';
import { useEdit } from './useEdit';
import { hasFiles, useMessageActions, type Editable } from '../messages/useMessageActions';
import { useQuote } from '../messages/useQuote';
import { usePastedFiles } from './usePastedFiles';
import { useSend } from './useSend';
import type { ThreadRow } from '../messages/threadRow';
import { useTyping } from './useTyping';

export type ComposerHandle = {
  focus: () => void;
  reply: (messageId: string) => void;
  edit: (row: ThreadRow) => void;
};

type Props = {
  ref?: Ref<ComposerHandle>;
  target: Target;
  name: string;
  toSelf: boolean;
  onSent: () => void;
  /** To everybody in an open room. */
  toRoom?: boolean;
  toGroup?: boolean;
  /** So many seconds until one may write again (slow mode). */
  waitSeconds?: number;
  /** What ↑ in the empty box edits: one's own last message. */
  lastOwn: () => ThreadRow | undefined;
  /** An edit that leaves nothing asks for that. */
  onRemove: (message: Editable) => void;
  /** Nothing here that Esc could take away. */
  onEscape: () => void;
};

/** The place to write: something new, or what one said before. */
export function Composer(props: Props) {
  const { ref, target, onRemove, lastOwn } = props;
  const { t } = useTranslation();
  const { setReplyTo } = useDraft(target);
  const { edit, begin, setText, follow, end } = useEdit(target);
  const box = useRef<MessageBoxHandle>(null);
  // One that was under way when this was opened does not bring up a phone's keyboard.
  const [asked, setAsked] = useState(false);
  const beginHere = (row: ThreadRow) => {
    setAsked(true);
    begin(row);
  };
  useImperativeHandle(ref, () => ({
    focus: () => box.current?.focus(),
    reply: (messageId) => {
      if (edit !== null && isTouched(edit)) toast(t('composer.replyWaits'));
      else if (edit !== null) end(edit.messageId);
      setReplyTo(messageId);
      box.current?.focus();
    },
    edit: beginHere,
  }));
  const { edit: save } = useMessageActions();
  const complain = useComplain();

  if (edit === null)
    return (
      <NewMessage
        {...props}
        box={box}
        onEditLast={() => {
          const row = lastOwn();
          if (row !== undefined) beginHere(row);
        }}
      />
    );
  return (
    <EditMessage
      key={edit.messageId}
      target={target}
      edit={edit}
      takesFocus={asked}
      box={box}
      onText={setText}
      onFollow={follow}
      onCancel={() => end(edit.messageId)}
      onDone={(message, text) => {
        end(message._id);
        if (text.trim() === '' && !hasFiles(message)) onRemove(message);
        // Where the server refuses it the words are back here, wherever the person is by then.
        else save(message, text).catch(complain);
      }}
    />
  );
}

type NewProps = Props & { box: Ref<MessageBoxHandle>; onEditLast: () => void };

function NewMessage({
  target,
  name,
  toSelf,
  toRoom = false,
  toGroup = false,
  waitSeconds = 0,
  onSent,
  onEscape,
  box,
  onEditLast,
}: NewProps) {
  const { t } = useTranslation();
  const { text, replyTo, setText, setReplyTo } = useDraft(target);
  const chosen = useChosenFiles(target);
  usePastedFiles((files) => {
    chosen.add(files);
  });
  const { sendDraft } = useSend(target);
  const { iAmTyping, iStopped } = useTyping(target);
  const completion = useMentionCompletion(target);
  const [refused, setRefused] = useState(false);

  const write = (next: string) => {
    setRefused(false);
    setText(next);
    if (next.trim() === '') iStopped();
    else iAmTyping();
  };
  const send = (written: string): boolean => {
    setText(written);
    // What is written stays in the box until its time has come.
    if (waitSeconds > 0) return false;
    const outcome = sendDraft();
    setRefused(outcome === 'tooLong');
    if (outcome === 'queued') onSent();
    return outcome === 'queued';
  };
  const onKey = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === 'ArrowUp' && event.currentTarget.value === '' && !hasModifier(event)) {
      event.preventDefault();
      onEditLast();
    }
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    if (replyTo !== null) setReplyTo(null);
    else if (chosen.files.length > 0) chosen.clear();
    else onEscape();
  };
  const placeholder = toSelf
    ? t('composer.placeholderSelf')
    : toRoom
      ? t('room.placeholder')
      : t(toGroup ? 'group.placeholder' : 'composer.placeholder', { name });
  return (
    <MessageBox
      ref={box}
      text={text}
      onText={write}
      onSubmit={send}
      refused={refused}
      label={toSelf || toRoom ? placeholder : t(toGroup ? 'group.composer' : 'composer.label', { name })}
      note={waitSeconds > 0 ? t('room.slowWait', { count: waitSeconds }) : undefined}
      placeholder={name === '' ? '' : placeholder}
      submitLabel={t('composer.send')}
      Icon={ArrowUp}
      ready={(text.trim() !== '' || chosen.files.length > 0) && waitSeconds === 0}
      takesFocus={false}
      completion={completion}
      onKey={onKey}
      beside={chosen.mayAdd ? <AttachButton onFiles={chosen.add} /> : undefined}
    >
      <Tray {...chosen} />
      {replyTo !== null && <ReplyBar target={target} messageId={replyTo} onCancel={() => setReplyTo(null)} />}
    </MessageBox>
  );
}

function ReplyBar({
  target,
  messageId,
  onCancel,
}: {
  target: Target;
  messageId: string;
  onCancel: () => void;
}) {
  const { t } = useTranslation();
  const { author, mine, words } = useQuoteWords(useQuote(target, messageId));
  return (
    <ComposerBar Icon={CornerUpLeft} cancelLabel={t('composer.cancelReply')} onCancel={onCancel}>
      {author !== null && (
        <span className="font-semibold text-jjok">
          {mine ? t('composer.replyToOwn') : t('composer.replyTo', { name: author })}
        </span>
      )}
      <span className="ml-2 text-muted">
        <bdi>{words}</bdi>
      </span>
    </ComposerBar>
  );
}

const hasModifier = ({ shiftKey, altKey, ctrlKey, metaKey }: KeyboardEvent): boolean =>
  shiftKey || altKey || ctrlKey || metaKey;
