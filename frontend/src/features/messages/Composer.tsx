import { codePoints, limits } from '@sori/contract';
import { ArrowUp } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { classes } from '../../ui/classes';
import { useEnterKey } from '../../ui/useEnterKey';
import { useTouch } from '../../ui/useMedia';
import type { Target } from '../conversations/target';
import { useDraft } from './useDraft';
import { useSend } from './useSend';

type Props = { target: Target; name: string; toSelf: boolean; onSent: () => void };

/** From here on the counter shows how much room is left. */
const nearTheLimit = limits.messageMax - 500;

/**
 * The place to write. The text box is the browser's own: we read it, and write into it only where the draft changed
 * elsewhere and nobody is composing, since a write in the middle of a Korean syllable breaks it.
 */
export function Composer({ target, name, toSelf, onSent }: Props) {
  const { t } = useTranslation();
  const { text, setText } = useDraft(target);
  const { sendDraft } = useSend(target);
  const touch = useTouch();
  const box = useRef<HTMLTextAreaElement>(null);
  const composing = useRef(false);
  const [refused, setRefused] = useState(false);

  const length = codePoints(text.trim());
  const left = limits.messageMax - length;

  const send = () => {
    const element = box.current;
    if (element === null) return;
    // The last syllable may be in the box and not yet in the draft.
    setText(element.value);
    const outcome = sendDraft();
    setRefused(outcome === 'tooLong');
    if (outcome === 'queued') onSent();
    element.focus();
  };
  /** The button was pressed in the middle of a syllable, which has to be completed first. */
  const sendWhenComposed = useRef(false);
  const press = () => {
    if (composing.current) box.current?.blur();
    if (composing.current) sendWhenComposed.current = true;
    else send();
  };
  const enter = useEnterKey(box, { newLineOnTouch: touch, onEnter: send });

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    if (element.value !== text && !composing.current) element.value = text;
    fit(element);
  }, [text]);
  useEffect(() => {
    // With a keyboard one wants to write at once; on a phone the on-screen one would cover what one came to read.
    if (!touch) box.current?.focus({ preventScroll: true });
  }, [touch]);

  const label = toSelf ? t('composer.placeholderSelf') : t('composer.placeholder', { name });
  return (
    <form
      className="mx-auto w-full max-w-240 shrink-0 px-3 pt-1 pb-[max(0.75rem,env(safe-area-inset-bottom))] wide:px-5 wide:pb-4"
      onSubmit={(event) => {
        event.preventDefault();
        press();
      }}
    >
      {length > nearTheLimit && (
        <p
          role="status"
          className={classes(
            'tabular px-4 pb-1 text-right text-sm',
            left < 0 ? 'font-semibold text-persimmon-text' : 'text-muted',
            refused && left < 0 && 'animate-shake',
          )}
        >
          {left < 0 ? t('composer.over', { count: -left }) : t('composer.left', { count: left })}
        </p>
      )}
      <div className="flex items-end gap-1 rounded-3xl border border-outline/50 bg-raised py-1 pr-1 pl-4 transition-colors focus-within:border-jjok">
        <textarea
          ref={box}
          data-testid="composer"
          rows={1}
          dir="auto"
          defaultValue={text}
          aria-label={toSelf ? label : t('composer.label', { name })}
          aria-invalid={left < 0}
          placeholder={name === '' ? '' : label}
          enterKeyHint={touch ? 'enter' : 'send'}
          onChange={(event) => {
            setRefused(false);
            setText(event.target.value);
          }}
          {...enter}
          onCompositionStart={() => {
            composing.current = true;
            enter.onCompositionStart();
          }}
          onCompositionEnd={(event) => {
            composing.current = false;
            enter.onCompositionEnd(event);
            if (!sendWhenComposed.current) return;
            sendWhenComposed.current = false;
            setTimeout(send);
          }}
          className="max-h-[40dvh] min-h-9 flex-1 resize-none overflow-y-auto bg-transparent py-[0.4375rem] wrap-anywhere outline-none placeholder:text-muted max-wide:min-h-11 max-wide:py-2.5 max-wide:text-[1rem]"
        />
        <button
          type="submit"
          data-testid="send"
          aria-label={t('composer.send')}
          title={t('composer.send')}
          // Where it takes the focus, an on-screen keyboard closes and opens again with every message.
          onPointerDown={(event) => event.preventDefault()}
          onMouseDown={(event) => event.preventDefault()}
          className={classes(
            'grid size-9 shrink-0 place-items-center rounded-full transition-colors max-wide:size-11',
            length > 0 && left >= 0 ? 'bg-jjok text-on-jjok hover:bg-jjok-strong' : 'bg-sunken text-muted',
          )}
        >
          <ArrowUp className="size-5" strokeWidth={2.25} />
        </button>
      </div>
    </form>
  );
}

/** As high as its text; the style sheet sets the limit. */
const fit = (element: HTMLTextAreaElement) => {
  element.style.height = 'auto';
  element.style.height = `${element.scrollHeight}px`;
};
