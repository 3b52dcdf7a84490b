export type Segment = { segment: string; index: number };

const segmenter = ((): Intl.Segmenter | null => {
  try {
    return new Intl.Segmenter('und', { granularity: 'grapheme' });
  } catch {
    // Browsers of a few years ago have none.
    return null;
  }
})();

/** Nearly what a segmenter finds: a flag, or a character with its marks, its vowels, and what is joined to it. */
const cluster = /\p{RI}\p{RI}|[^](?:[\p{M}\p{Emoji_Modifier}\u1160-\u11FF\u{E0020}-\u{E007F}]|\u200D[^])*/gu;

/** What people see as one character each. */
export function* graphemesOf(text: string): Generator<Segment> {
  if (segmenter !== null) yield* segmenter.segment(text);
  else for (const { 0: segment, index } of text.matchAll(cluster)) yield { segment, index };
}

/** Where the one begins in which that place is. */
export const graphemeStart = (text: string, place: number): number => {
  if (segmenter !== null) return segmenter.segment(text).containing(place)?.index ?? place;
  let start = 0;
  for (const { index } of graphemesOf(text)) {
    if (index > place) break;
    start = index;
  }
  return start;
};
