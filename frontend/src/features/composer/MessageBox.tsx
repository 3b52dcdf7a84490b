import { codePoints, limits } from '@sori/contract';
import type { LucideIcon } from 'lucide-react';
import {
  useEffect,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  type RefObject,
} from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { MentionList, optionId } from './MentionList';
import type { MentionCompletion } from './useMentionCompletion';
import { classes } from '../../ui/classes';
import { replaceText } from '../../ui/replaceText';
import { useEnterKey } from '../../ui/useEnterKey';
import { useTouch } from '../../ui/useMedia';

export type MessageBoxHandle = { focus: () => void };

type Props = {
  ref?: Ref<MessageBoxHandle>;
  text: string;
  onText: (text: string) => void;
  /** The text is complete, and is what the box holds. Answers whether it was taken: then the box is emptied. */
  onSubmit: (text: string) => boolean;
  /** It was too long when it was submitted: the counter shakes. */
  refused: boolean;
  label: string;
  placeholder: string;
  submitLabel: string;
  Icon: LucideIcon;
  /** Whether the button looks as if a press would do something. */
  ready: boolean;
  /** Why it cannot be sent just now. */
  note?: string | undefined;
  /** On touch too: the person asked for it. */
  takesFocus: boolean;
  onKey?: (event: KeyboardEvent<HTMLTextAreaElement>) => void;
  /** Names for an `@`, while there are some. */
  completion: MentionCompletion;
  /** In front of the text, at its foot. */
  beside?: ReactNode;
  /** Stands above the text, inside the border. */
  children?: ReactNode;
};

type Box = RefObject<HTMLTextAreaElement | null>;

/** From here on the counter shows how much room is left. */
const nearTheLimit = limits.messageMax - 500;

/**
 * A text box with its button. The box is the browser's own: we read it, and write into it only where the text changed
 * elsewhere and nobody is composing, since a write in the middle of a Korean syllable breaks it.
 */
export function MessageBox(props: Props) {
  const { ref, text, onText, onSubmit, refused, label, placeholder, submitLabel, Icon, ready } = props;
  const { takesFocus, onKey, completion, note, beside, children } = props;
  const touch = useTouch();
  const box = useRef<HTMLTextAreaElement>(null);
  const composing = useRef(false);
  const listId = useId();
  const length = codePoints(text.trim());

  const submit = () => {
    const element = box.current;
    if (element === null) return;
    // The last syllable may be in the box and not yet in the text.
    if (onSubmit(element.value)) {
      // Here and not by the next render: a second click must find nothing, and where the text was written and taken between
      // two renders there is no next one.
      element.value = '';
      fit(element);
    }
    element.focus();
  };
  /** The button was pressed in the middle of a syllable, which has to be completed first. */
  const submitWhenComposed = useRef(false);
  const press = () => {
    if (composing.current) box.current?.blur();
    if (composing.current) submitWhenComposed.current = true;
    else submit();
  };
  const { completes, take, pressName, completeByKey } = useNames(box, composing, completion);
  const enter = useEnterKey(box, {
    newLineOnTouch: touch,
    onEnter: () => {
      if (!take()) submit();
    },
  });

  useLayoutEffect(() => {
    if (box.current !== null) show(box.current, text, composing.current);
  }, [text]);
  useFocus(ref, box, takesFocus, touch);

  return (
    <form
      className="relative mx-auto w-full max-w-240 shrink-0 px-3 pt-1 pb-[max(0.75rem,env(safe-area-inset-bottom))] wide:px-5 wide:pb-4"
      onSubmit={(event) => {
        event.preventDefault();
        press();
      }}
    >
      <MentionList id={listId} completion={completion} onTake={pressName} />
      {note !== undefined && <p className="tabular px-4 pb-1 text-sm text-muted">{note}</p>}
      <Counter length={length} refused={refused} />
      <div className="overflow-hidden rounded-3xl border border-outline/50 bg-raised transition-colors focus-within:border-jjok">
        {children}
        <div className={classes('flex items-end gap-1 py-1 pr-1', beside === undefined ? 'pl-4' : 'pl-1')}>
          <textarea
            ref={box}
            data-testid="composer"
            rows={1}
            dir="auto"
            defaultValue={text}
            aria-label={label}
            aria-invalid={length > limits.messageMax}
            placeholder={placeholder}
            enterKeyHint={touch ? 'enter' : 'send'}
            aria-autocomplete={completes ? 'list' : undefined}
            aria-controls={completes ? listId : undefined}
            aria-activedescendant={completes ? optionId(listId, completion.active) : undefined}
            onChange={(event) => {
              onText(event.target.value);
              completion.look(event.target.value, caretIn(event.target));
            }}
            onSelect={({ currentTarget }) => completion.look(currentTarget.value, caretIn(currentTarget))}
            onBlur={() => completion.look('', null)}
            {...enter}
            onKeyDown={(event) => {
              if (completeByKey(event)) return;
              enter.onKeyDown(event);
              if (!event.nativeEvent.isComposing) onKey?.(event);
            }}
            onCompositionStart={() => {
              composing.current = true;
              enter.onCompositionStart();
            }}
            onCompositionEnd={(event) => {
              composing.current = false;
              enter.onCompositionEnd(event);
              if (!submitWhenComposed.current) return;
              submitWhenComposed.current = false;
              setTimeout(submit);
            }}
            className="max-h-[40dvh] min-h-9 flex-1 resize-none overflow-y-auto bg-transparent py-[0.4375rem] wrap-anywhere outline-none placeholder:text-muted max-wide:min-h-11 max-wide:py-2.5 max-wide:text-[1rem]"
          />
          {/* Seen in front of the text, and come to behind it: from the messages, Tab leads to where one writes. */}
          {beside !== undefined && <span className="order-first flex">{beside}</span>}
          <SendButton label={submitLabel} Icon={Icon} ready={ready && length <= limits.messageMax} />
        </div>
      </div>
    </form>
  );
}

/** The names for an `@`, and how one of them gets into the box. */
function useNames(box: Box, composing: RefObject<boolean>, completion: MentionCompletion) {
  const completes = completion.options.length > 0;
  const take = (index?: number): boolean => {
    const element = box.current;
    const replacement = completion.take(index);
    if (element === null || replacement === null) return false;
    replaceText(element, replacement);
    fit(element);
    return true;
  };
  /** By a finger, perhaps in the middle of a syllable: writing into the box then would break it. */
  const pressName = (index: number) => {
    if (!composing.current) {
      take(index);
      return;
    }
    box.current?.blur();
    setTimeout(() => {
      box.current?.focus();
      take(index);
    });
  };
  /** True where the key was for the names. While a syllable is put together every key is the input method's. */
  const completeByKey = (event: KeyboardEvent<HTMLTextAreaElement>): boolean => {
    const { key, shiftKey, altKey, ctrlKey, metaKey, nativeEvent } = event;
    if (!completes || nativeEvent.isComposing || shiftKey || altKey || ctrlKey || metaKey) return false;
    if (key === 'ArrowDown' || key === 'ArrowUp') completion.move(key === 'ArrowDown' ? 1 : -1);
    else if (key === 'Escape') completion.close();
    else if (key !== 'Tab' || !take()) return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  return { completes, take, pressName, completeByKey };
}

function useFocus(ref: Ref<MessageBoxHandle> | undefined, box: Box, takesFocus: boolean, touch: boolean) {
  useImperativeHandle(ref, () => ({ focus: () => box.current?.focus() }));
  useEffect(() => {
    // With a keyboard one wants to write at once; on a phone the on-screen one would cover what one came to read.
    if (takesFocus || !touch) box.current?.focus({ preventScroll: true });
    if (takesFocus) box.current?.setSelectionRange(box.current.value.length, box.current.value.length);
  }, [box, takesFocus, touch]);
}

/** How much room is left, once it gets tight. */
function Counter({ length, refused }: { length: number; refused: boolean }) {
  const { t } = useTranslation();
  const left = limits.messageMax - length;
  if (length <= nearTheLimit) return null;
  return (
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
  );
}

type SendButtonProps = { label: string; Icon: LucideIcon; ready: boolean };

function SendButton({ label, Icon, ready }: SendButtonProps) {
  return (
    <button
      type="submit"
      data-testid="send"
      aria-label={label}
      title={label}
      // Where it takes the focus, an on-screen keyboard closes and opens again with every message.
      onPointerDown={(event) => event.preventDefault()}
      onMouseDown={(event) => event.preventDefault()}
      className={classes(
        'grid size-9 shrink-0 place-items-center rounded-full transition-colors max-wide:size-11',
        ready ? 'bg-jjok text-on-jjok hover:bg-jjok-strong' : 'bg-sunken text-muted',
      )}
    >
      <Icon className="size-5" strokeWidth={2.25} />
    </button>
  );
}

const caretIn = ({ selectionStart, selectionEnd }: HTMLTextAreaElement): number | null =>
  selectionStart === selectionEnd ? selectionStart : null;

/** Not while a syllable is put together. */
const show = (element: HTMLTextAreaElement, text: string, composing: boolean) => {
  if (element.value !== text && !composing) element.value = text;
  fit(element);
};

/** As high as its text; the style sheet sets the limit. */
const fit = (element: HTMLTextAreaElement) => {
  element.style.height = 'auto';
  element.style.height = `${element.scrollHeight}px`;
};
