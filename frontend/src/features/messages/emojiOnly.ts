import { graphemesOf } from '../../device/segments';

// One picture, with a skin tone or the wish to be shown as one. Whatever comes behind begins differently: there is only one
// way to read a text, and a long row of pictures that ends in something else is seen to be none at once.
const picture = String.raw`(?![0-9#*]|\p{RI})\p{Emoji}[\p{Emoji_Modifier}\uFE0F]{0,2}`;
/** Alone, it is a picture by nature or by that wish. */
const shown = String.raw`(?=\p{Emoji_Presentation}|\p{Emoji}[\p{Emoji_Modifier}\uFE0F])`;
// A flag, a keycap, a picture (flags by tags are one), pictures joined to one.
const emoji = new RegExp(
  String.raw`^(?:\p{RI}\p{RI}|[0-9#*]\uFE0F?\u20E3|${shown}${picture}[\u{E0020}-\u{E007F}]*|${picture}(?:\u200D${picture})+)$`,
  'u',
);

/** More than this is a text in pictures. */
const most = 30;

/** How many emoji a message consists of; 0 where there is anything else in it, or too many of them. */
export const emojiOnly = (text: string): number => {
  // Whoever wrote a thousand characters did not write one emoji: do not segment them.
  if (text.length > 400) return 0;
  let count = 0;
  for (const { segment } of graphemesOf(text)) {
    if (/^\s+$/u.test(segment)) continue;
    if (!emoji.test(segment)) return 0;
    count += 1;
  }
  return count <= most ? count : 0;
};
