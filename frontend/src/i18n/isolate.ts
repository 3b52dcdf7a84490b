// Scripts that run from right to left, and the characters that steer the direction.
const fromTheRight =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const opens = /[\u2066-\u2068]/u;
const close = '\u2069';

/** With each isolate that begins in it ended in it, and no other: a name must not end the one around it. */
const balanced = (text: string): string => {
  let depth = 0;
  let kept = '';
  for (const character of text) {
    if (character === close && depth === 0) continue;
    if (character === close) depth -= 1;
    if (opens.test(character)) depth += 1;
    kept += character;
  }
  return kept + close.repeat(depth);
};

/**
 * What stands in a sentence and comes from a person. Written from right to left it would turn what is around it, the colon
 * behind a name say; so it is isolated, as `<bdi>` does, but in titles and labels too. What else there is stays as it is.
 */
export const isolate = (text: string): string =>
  fromTheRight.test(text) ? `\u2068${balanced(text)}${close}` : text;
