import {
  useEffect,
  useLayoutEffect,
  useRef,
  type CompositionEvent,
  type KeyboardEvent,
  type RefObject,
} from 'react';
import { decideEnter } from './enterKey';

type Options = {
  /** On touch keyboards Enter is a new line: there is a button for sending, and no Shift to hold. */
  newLineOnTouch: boolean;
  /** The field's value is complete when this is called. */
  onEnter: () => void;
};

/** A syllable may be put together from its letters and told as one at the end. */
const differ = (one: string, other: string): boolean => one.normalize('NFC') !== other.normalize('NFC');

const idle = { open: false, endedJustNow: false, text: '', converted: false, enterSeen: false };

/** Calls `onEnter` for those Enters that mean it (see enterKey.ts). Spread what it returns onto the field. */
export function useEnterKey(
  field: RefObject<HTMLTextAreaElement | HTMLInputElement | null>,
  { newLineOnTouch, onEnter }: Options,
) {
  const composition = useRef(idle);
  /** An Enter waits for the end of the composition. */
  const waiting = useRef(false);
  /** Where that Enter is told only once, its new line follows by itself, and is refused until the key is up again. */
  const refusing = useRef(false);
  // The composition may end after a render: what is called then is the newest, with the newest text.
  const latest = useRef(onEnter);
  useLayoutEffect(() => {
    latest.current = onEnter;
  });

  useEffect(() => {
    const element = field.current;
    if (element === null) return;
    const refuse = (event: Event) => {
      const { inputType } = event as InputEvent;
      if (refusing.current && (inputType === 'insertLineBreak' || inputType === 'insertParagraph'))
        event.preventDefault();
    };
    // React's own onBeforeInput is another, older event.
    element.addEventListener('beforeinput', refuse);
    return () => element.removeEventListener('beforeinput', refuse);
  }, [field]);

  return {
    onKeyDown: (event: KeyboardEvent) => {
      const decision = decideEnter(event.nativeEvent, composition.current, { newLineOnTouch });
      if (decision === 'leave') {
        if (event.key === 'Enter') composition.current.enterSeen = true;
        else refusing.current = false;
        return;
      }
      if (decision === 'sendWhenComposed') {
        composition.current.enterSeen = true;
        waiting.current = true;
        refusing.current = true;
        return;
      }
      event.preventDefault();
      if (decision === 'send') {
        waiting.current = false;
        onEnter();
      }
    },
    onKeyUp: (event: KeyboardEvent) => {
      if (event.key === 'Enter') refusing.current = false;
    },
    onCompositionStart: () => {
      composition.current = { ...idle, open: true };
      refusing.current = false;
    },
    onCompositionUpdate: (event: CompositionEvent) => {
      const composed = composition.current;
      // Some tell an empty text before the last one.
      if (event.data === '') return;
      // After the Enter that waits, another text is what was picked with it.
      if (waiting.current) composed.converted ||= differ(event.data, composed.text);
      composed.text = event.data;
    },
    onCompositionEnd: (event: CompositionEvent) => {
      const ended = composition.current;
      ended.open = false;
      // Some tell an empty text here: the last update was it.
      if (event.data !== '') {
        ended.converted ||= ended.text !== '' && differ(event.data, ended.text);
        ended.text = event.data;
      }
      if (ended.converted) waiting.current = false;
      ended.endedJustNow = ended.converted || !ended.enterSeen;
      // In a task of its own: the last input event may come after this one, and clearing the field while the input
      // method still finishes makes it write the last syllable again.
      setTimeout(() => {
        ended.endedJustNow = false;
        if (!waiting.current) return;
        waiting.current = false;
        latest.current();
      });
    },
  };
}
