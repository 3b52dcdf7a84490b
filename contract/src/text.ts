/**
 * What counts as a character, a letter or a name. Both ends use these, so that a form says the same as the server.
 */

/** The number of code points: what the contract counts a message in. */
export const codePoints = (text: string): number => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};

export const utf8Bytes = (text: string): number => {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
};

/** No NUL and no half of a surrogate pair: neither survives the way through BSON and JSON unchanged. */
export const isStorable = (text: string): boolean => !/\0|\p{Surrogate}/u.test(text);

const usernameCharacters = /^[\p{L}\p{Nd}._-]+$/u;
// Hangul fillers are letters to Unicode, and yet nothing is seen.
const invisible = /\p{Default_Ignorable_Code_Point}/u;
const latin = /\p{Script=Latin}/u;
const cyrillicOrGreek = /\p{Script=Cyrillic}|\p{Script=Greek}/u;

/** True for a user name, already in NFKC, that consists of what a name may consist of; its length is not looked at. */
export const isUsername = (name: string): boolean =>
  usernameCharacters.test(name) && !invisible.test(name) && !(latin.test(name) && cyrillicOrGreek.test(name));

/** The form under which a user name is unique and is looked up: NFKC and lower case. */
export const foldUsername = (name: string): string => name.normalize('NFKC').toLowerCase().normalize('NFKC');

/**
 * True where every character of a display name can be seen, single spaces and what joins an emoji or a Persian word
 * apart. Direction overrides would turn the row around in which the name stands.
 */
export const isVisibleName = (name: string): boolean =>
  isStorable(name) &&
  !/[\p{Cc}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u.test(name) &&
  !/(?!\u200C|\u200D|\uFE0F|[\u{E0020}-\u{E007F}])\p{Default_Ignorable_Code_Point}/u.test(name) &&
  !/[\u200E\u200F\u061C\u202A-\u202E\u2066-\u2069]/u.test(name) &&
  /[\p{L}\p{N}\p{P}\p{S}]/u.test(name) &&
  !/^[\u2800\s]+$/u.test(name);

/** What a letter wears and nobody types in a search. The marks of kana make other letters of them. */
const accent = /(?![\u3099\u309a])(?=\p{Mn})[\p{sc=Inherited}\p{sc=Arabic}\p{sc=Hebrew}]/gu;
/** Letters with a stroke and joined ones, which Unicode does not take apart, and the other form of sigma. */
const plain = new Map(
  'øo łl đd ðd ħh ŧt ıi ßss æae œoe þth ςσ'.split(' ').map((pair) => [pair.charAt(0), pair.slice(1)]),
);
const strokes = new RegExp(`[${[...plain.keys()].join('')}]`, 'g');

const uncounted = /[\s\p{Default_Ignorable_Code_Point}]/gu;
const plainLetters = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKD')
    .replace(accent, '')
    .replace(uncounted, '')
    .replace(strokes, (letter) => plain.get(letter) ?? letter)
    .normalize('NFC');

/**
 * How names are compared in a search: accents, case, width and white space do not count, nor does what nobody sees. Only
 * for comparing, and only for texts of a few hundred characters.
 */
export const searchForm = (text: string): string =>
  text
    // Syllables on both sides of a space must not be joined later: what nobody counts goes first.
    .replace(uncounted, '')
    .normalize('NFC')
    // Compatibility forms would turn typed Hangul letters into parts of syllables and join them with what stands before.
    .replace(/[^\u3131-\u318e]+/g, plainLetters);

/** What is looked for where somebody searches for a person: `@name` is how names are written elsewhere. */
export const searchedName = (text: string): string =>
  text
    .trim()
    .replace(/^[@＠]/, '')
    .trim();
