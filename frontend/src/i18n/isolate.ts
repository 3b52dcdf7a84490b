// Scripts that run from right to left, and the characters that steer the direction.
const fromTheRight =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const isolates = /[\u2066-\u2069]/gu;

/**
 * What stands in a sentence and comes from a person. Written from right to left it would turn what is around it, the colon
 * behind a name say; so it is isolated, as `<bdi>` does, but in titles and labels too. What else there is stays as it is.
 */
export const isolate = (text: string): string =>
  fromTheRight.test(text) ? `\u2068${text.replaceAll(isolates, '')}\u2069` : text;
