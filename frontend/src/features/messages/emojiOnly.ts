const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

// A pictograph by nature or by variation selector, with skin tone, joined to others; a flag; a keycap.
const one = String.raw`(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|\p{Emoji}\p{Emoji_Modifier})[\p{Emoji_Modifier}\uFE0F]?`;
const part = String.raw`(?:${one}|\p{Extended_Pictographic})`;
const emoji = new RegExp(
  String.raw`^(?:\p{RI}\p{RI}|[0-9#*]\uFE0F?\u20E3|${one}[\u{E0020}-\u{E007F}]*|${part}(?:\u200D${part}\uFE0F?)+)$`,
  'u',
);

/** More than this is a text in pictures. */
const most = 30;

/** How many emoji a message consists of; 0 where there is anything else in it, or too many of them. */
export const emojiOnly = (text: string): number => {
  // Whoever wrote a thousand characters did not write one emoji: do not segment them.
  if (text.length > 400) return 0;
  let count = 0;
  for (const { segment } of segmenter.segment(text)) {
    if (/^\s+$/u.test(segment)) continue;
    if (!emoji.test(segment)) return 0;
    count += 1;
  }
  return count <= most ? count : 0;
};
