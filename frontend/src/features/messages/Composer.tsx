import { codePoints, limits } from '@sori/contract';
import { ArrowUp, Check, CornerUpLeft, Pencil, X, type LucideIcon } from 'lucide-react';
import { useImperativeHandle, useRef, useState, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useComplain } from '../../i18n/useComplain';
import { IconButton } from '../../ui/IconButton';
import { useMentionCompletion } from '../groups/useMentionCompletion';
import type { Target } from '../conversations/target';
import { MessageBox, type MessageBoxHandle } from './MessageBox';
import { useQuoteWords } from './QuoteBlock';
import { useDraft } from './useDraft';
import { useMessageActions } from './useMessageActions';
import { useQuote } from './useQuote';
import { useSend } from './useSend';
import type { ThreadRow } from './threadRow';
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
  onRemove: (row: ThreadRow) => void;
  /** Nothing here that Esc could take away. */
  onEscape: () => void;
};

/** The place to write: something new, or what one said before. */
export function Composer(props: Props) {
  const { ref, target, onRemove, lastOwn } = props;
  const { setReplyTo } = useDraft(target);
  const box = useRef<MessageBoxHandle>(null);
  const [editing, setEditing] = useState<{ row: ThreadRow; text: string } | null>(null);
  useImperativeHandle(ref, () => ({
    focus: () => box.current?.focus(),
    reply: (messageId) => {
      setEditing(null);
      setReplyTo(messageId);
      box.current?.focus();
    },
    edit: (row) => setEditing({ row, text: row.text }),
  }));
  const { edit } = useMessageActions();
  const complain = useComplain();

  if (editing === null)
    return (
      <NewMessage
        {...props}
        box={box}
        onEditLast={() => {
          const row = lastOwn();
          if (row !== undefined) setEditing({ row, text: row.text });
        }}
      />
    );
  const { row } = editing;
  return (
    <EditMessage
      key={row.key}
      target={target}
      text={editing.text}
      box={box}
      onCancel={() => setEditing(null)}
      onDone={(text) => {
        setEditing(null);
        if (text.trim() === '') onRemove(row);
        else if (row.message !== null)
          edit(row.message, text).catch((thrown: unknown) => {
            complain(thrown);
            // What was written is not lost, unless something else is being edited now.
            setEditing((current) => current ?? { row, text });
          });
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
    if (replyTo === null) onEscape();
    else setReplyTo(null);
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
      ready={text.trim() !== '' && waitSeconds === 0}
      takesFocus={false}
      completion={completion}
      onKey={onKey}
    >
      {replyTo !== null && <ReplyBar target={target} messageId={replyTo} onCancel={() => setReplyTo(null)} />}
    </MessageBox>
  );
}

type EditProps = {
  target: Target;
  text: string;
  box: Ref<MessageBoxHandle>;
  onDone: (text: string) => void;
  onCancel: () => void;
};

function EditMessage({ target, text: before, box, onDone, onCancel }: EditProps) {
  const { t } = useTranslation();
  const completion = useMentionCompletion(target);
  const [text, setText] = useState(before);
  const [refused, setRefused] = useState(false);
  return (
    <MessageBox
      ref={box}
      text={text}
      onText={(next) => {
        setRefused(false);
        setText(next);
      }}
      onSubmit={(written) => {
        setText(written);
        if (codePoints(written.trim()) > limits.messageMax) setRefused(true);
        else onDone(written);
        return false;
      }}
      refused={refused}
      label={t('composer.editLabel')}
      placeholder={t('composer.editEmpty')}
      submitLabel={t('composer.save')}
      Icon={Check}
      ready={text.trim() !== before}
      takesFocus
      completion={completion}
      onKey={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onCancel();
      }}
    >
      <Bar Icon={Pencil} cancelLabel={t('composer.cancelEdit')} onCancel={onCancel}>
        <span className="font-semibold text-jjok">{t('composer.editing')}</span>
        <span className="ml-2 text-muted max-wide:hidden">{t('composer.editHint')}</span>
      </Bar>
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
    <Bar Icon={CornerUpLeft} cancelLabel={t('composer.cancelReply')} onCancel={onCancel}>
      {author !== null && (
        <span className="font-semibold text-jjok">
          {mine ? t('composer.replyToOwn') : t('composer.replyTo', { name: author })}
        </span>
      )}
      <span className="ml-2 text-muted">
        <bdi>{words}</bdi>
      </span>
    </Bar>
  );
}

type BarProps = { Icon: LucideIcon; cancelLabel: string; onCancel: () => void; children: ReactNode };

/** What the text will be: an answer to something, or something's new words. */
function Bar({ Icon, cancelLabel, onCancel, children }: BarProps) {
  return (
    <div className="flex animate-rise items-center gap-2.5 border-b border-hairline pr-1 pl-4 text-sm">
      <Icon className="size-4 shrink-0 text-jjok" aria-hidden="true" />
      <p className="min-w-0 flex-1 truncate">{children}</p>
      <IconButton label={cancelLabel} onClick={onCancel}>
        <X className="size-4" />
      </IconButton>
    </div>
  );
}

const hasModifier = ({ shiftKey, altKey, ctrlKey, metaKey }: KeyboardEvent): boolean =>
  shiftKey || altKey || ctrlKey || metaKey;
