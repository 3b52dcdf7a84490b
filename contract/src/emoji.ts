import { limits } from './limits.js';

// Of the flags that are spelled in tags there are three; with any other tags behind it a picture looks like it has none.
const tagFlags = ['gbeng', 'gbsct', 'gbwls'].map((region) => `\u{1F3F4}${tagged(region)}\u{E007F}`);
function tagged(letters: string): string {
  return Array.from(letters, (letter) => String.fromCodePoint(0xe0000 + (letter.codePointAt(0) ?? 0))).join(
    '',
  );
}

// One emoji: a flag, a keycap, or pictures joined to one, each with its skin tone or presentation. Digits and the halves
// of flags are emoji to Unicode, and alone are none to anybody.
const picture = String.raw`(?![0-9#*]|\p{RI})\p{Emoji}(?:\uFE0F?\p{EMod})?\uFE0F?`;
const emoji = new RegExp(
  String.raw`^(?:\p{RI}{2}|[0-9#*]\uFE0F?\u20E3|${tagFlags.join('|')}|(?!\p{EMod})${picture}(?:\u200D${picture})*)$`,
  'u',
);

/** True for exactly one emoji, as a reaction is. */
export const isEmoji = (text: string): boolean => text.length <= limits.emojiMax && emoji.test(text);

const presentation = '\uFE0F';
const joiner = '\u200D';
const shownAsText = /^(?!\p{Emoji_Presentation})\p{Emoji}$/u;

/** Of one picture: it is marked as one where it would be a letter otherwise, and no skin tone marks it already. */
function pictureForm(part: string): string {
  const bare = part.replaceAll(presentation, '');
  return shownAsText.test(bare) ? bare + presentation : bare;
}

/** Few kinds are used, over and over. */
const known = new Map<string, string>();
const knownMost = 5_000;

/**
 * The one form of those that look the same: fully qualified, as Unicode's list of emoji has it (U+FE0F where a picture
 * needs it, and nowhere else), without tags that are no flag's. What is no emoji stays as it is.
 */
export function emojiForm(text: string): string {
  if (text.length > limits.emojiMax) return text;
  const before = known.get(text);
  if (before !== undefined) return before;
  if (known.size >= knownMost) known.clear();
  const form = formOf(text);
  known.set(text, form);
  return form;
}

function formOf(text: string): string {
  if (tagFlags.includes(text)) return text;
  const bare = text.replace(/[\u{E0020}-\u{E007F}]/gu, '');
  if (!emoji.test(bare)) return text;
  const keycap = /^([0-9#*])\uFE0F?(\u20E3)$/u.exec(bare);
  if (keycap) return `${keycap[1] ?? ''}${presentation}${keycap[2] ?? ''}`;
  return bare.split(joiner).map(pictureForm).join(joiner);
}
