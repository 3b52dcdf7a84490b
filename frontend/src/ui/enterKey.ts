/**
 * What an Enter means, of all the Enters there are. Korean, Japanese and Chinese are typed through an input method, for
 * which Enter has a meaning of its own:
 *
 * - Korean composes one syllable at a time and has no candidates to pick: its Enter means "send", as in Latin. Some
 *   systems tell it once (keydown while composing), some twice (the same, and a plain one after compositionend).
 *   Sending waits for the end of the composition, or the last syllable would be left behind or doubled.
 *   Where Hanja or a symbol is picked for a syllable, that Enter picks it and must not send.
 * - In Japanese and Chinese it picks a candidate and must not send. Safari tells compositionend before that keydown,
 *   which then looks almost like a plain one.
 */
export type EnterDecision =
  /** Send what is there, and no new line. */
  | 'send'
  /** Send as soon as the composition has ended. */
  | 'sendWhenComposed'
  /** Not ours: the browser makes a new line of it, or the input method picks a candidate. */
  | 'leave'
  /** Nothing at all may happen. */
  | 'swallow';

export type KeyDown = {
  key: string;
  /** The place on the keyboard: during composition some systems say only `Process` for the key. */
  code: string;
  keyCode: number;
  isComposing: boolean;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  repeat: boolean;
};

export type Composition = {
  /** Between compositionstart and compositionend. */
  open: boolean;
  /** Ended a moment ago, within the same task, by the Enter that is told now: none was told before, or it picked a text. */
  endedJustNow: boolean;
  /** What is or was being composed. */
  text: string;
  /** It ended with another text than was being composed: Hanja or a symbol was picked for it. */
  converted: boolean;
};

/** The key code of every key that an input method takes. */
const takenByInputMethod = 229;

const isEnter = ({ key, code, keyCode }: KeyDown): boolean =>
  key === 'Enter' ||
  ((keyCode === takenByInputMethod || key === 'Process') && (code === 'Enter' || code === 'NumpadEnter'));

// Syllables and the single letters of which they are put together.
const hangulOnly = /^[\p{Script=Hangul}\s]+$/u;

export const decideEnter = (
  key: KeyDown,
  composition: Composition,
  { newLineOnTouch }: { newLineOnTouch: boolean },
): EnterDecision => {
  if (!isEnter(key) || key.altKey) return 'leave';
  const commanded = key.ctrlKey || key.metaKey;
  if (!commanded && (key.shiftKey || newLineOnTouch)) return 'leave';

  const composing = composition.open || key.isComposing;
  if (composing || composition.endedJustNow || key.keyCode === takenByInputMethod) {
    if (composition.converted || !hangulOnly.test(composition.text)) return composing ? 'leave' : 'swallow';
    return composing ? 'sendWhenComposed' : 'send';
  }
  // A key held down says Enter thirty times a second.
  return key.repeat ? 'swallow' : 'send';
};
