import { limits } from './limits.js';
import { addressesIn } from './links.js';
import { codePoints, foldUsername } from './text.js';

/** An at sign that may mention somebody. Whom depends on who is there: `mentionsIn` decides. */
export interface MentionPlace {
  /** Where the at sign stands, in UTF-16 units. */
  start: number;
  /** Where another mention has to end for this one to count, as a letter or digit stands before; null where none has to. */
  behind: number | null;
  /** What the place can mean, longest first: `name` is folded like a user name, `end` is where it ends in the text. */
  candidates: { name: string; end: number }[];
}

/** A stretch of a text that mentions somebody: from the at sign up to where the name ends, in UTF-16 units. */
export interface Mention<Who> {
  start: number;
  end: number;
  who: Who;
}

const atSigns = /[@＠]/g;
/** What nobody sees parts nothing: a text means what a person reads. */
const invisible = /\p{Default_Ignorable_Code_Point}/u;
const mark = /[\p{Mn}\p{Mc}]/u;
/** What stands between a letter and what it wears. */
const worn = /[\p{Mn}\p{Mc}\p{Default_Ignorable_Code_Point}]/u;
const letter = /\p{L}/u;
const digit = /\p{Nd}/u;
/** Directly before an at sign these make it a part of a word or of an address of mail. */
const partOfWord = /(?=\p{L})[\p{sc=Latin}\p{sc=Cyrillic}\p{sc=Greek}]|\p{Nd}/u;
/** These are written without spaces between words, and Korean puts its particles right behind a name of any script. */
const spaceless = /(?=\p{L})[\p{sc=Hangul}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Han}]/u;
const asciiInWord = /[A-Za-z0-9]/;
const asciiInName = /[A-Za-z0-9._-]/;
const inName = /^[\p{L}\p{M}\p{Nd}._-]+$/u;
/** A name of decomposed syllables has three to four characters for each of its own. */
const longestWritten = 4 * limits.usernameMax;

/** The scripts that people write their languages in today. All others are taken for one. */
const scripts = (
  'Latin Cyrillic Greek Arabic Hebrew Devanagari Bengali Thai Tamil Telugu Armenian Georgian Ethiopic Gujarati Gurmukhi ' +
  'Kannada Malayalam Oriya Sinhala Khmer Lao Myanmar Tibetan Mongolian Thaana Bopomofo Yi Syriac Cherokee Nko Tifinagh ' +
  'Canadian_Aboriginal Adlam Balinese Javanese Sundanese Batak Cham Chakma Limbu Meetei_Mayek Ol_Chiki Osage Vai Lisu ' +
  'Tai_Le New_Tai_Lue Tai_Tham Tai_Viet Hangul Han Hiragana Katakana Common'
)
  .split(' ')
  .map((name) => new RegExp(`\\p{Script=${name}}`, 'u'));
const scriptOf = (character: string): number => scripts.findIndex((script) => script.test(character));

const characterAt = (text: string, at: number): string => String.fromCodePoint(text.codePointAt(at) ?? 0);
const characterBefore = (text: string, at: number): string => {
  const two = text.slice(Math.max(0, at - 2), at);
  return (two.codePointAt(0) ?? 0) > 0xffff ? two : two.slice(-1);
};

/** Goes back over what nobody sees, or over what a letter wears. */
const backOver = (over: RegExp, text: string, from: number): number => {
  let at = from;
  while (at > 0) {
    const character = characterBefore(text, at);
    if (!over.test(character)) break;
    at -= character.length;
  }
  return at;
};

/** Where another mention has to end for an at sign to count; null where none has to. */
function endNeededBefore(text: string, start: number): number | null {
  // Most stand behind a space: nothing has to be looked up for those.
  if (text.charCodeAt(start - 1) < 0x80) return asciiInWord.test(text.charAt(start - 1)) ? start : null;
  const visible = backOver(invisible, text, start);
  return partOfWord.test(characterBefore(text, backOver(worn, text, visible))) ? visible : null;
}

interface Character {
  character: string;
  /** Where it ends in the text. */
  end: number;
}

/** What is read behind an at sign, as far as it may belong to a name or tell where one ends. */
function wordAt(text: string, from: number): Character[] {
  const word: Character[] = [];
  for (let at = from; at < text.length;) {
    const character = characterAt(text, at);
    at += character.length;
    if (!asciiInName.test(character)) {
      if (character < '\x80') break;
      if (invisible.test(character)) continue;
      if (!letter.test(character) && !inName.test(character.normalize('NFKC'))) break;
    }
    word.push({ character, end: at });
  }
  return word;
}

/** For each place in a word, what stands behind the run of ".", "_" and "-" that begins there, or else there itself. */
function behindRuns(word: readonly Character[]): (string | undefined)[] {
  const behind: (string | undefined)[] = [];
  for (let index = word.length - 1; index >= 0; index -= 1) {
    const character = word[index]?.character ?? '';
    behind[index] = /[._-]/.test(character) ? behind[index + 1] : character;
  }
  return behind;
}

/** Whether a name may end between these. */
function mayEnd(last: string, lastLetter: string | undefined, next: readonly string[]): boolean {
  if (spaceless.test(last) || next.some((character) => spaceless.test(character))) return true;
  return !next.some(
    (character) =>
      digit.test(character) ||
      (letter.test(character) && (lastLetter === undefined || scriptOf(character) === scriptOf(lastLetter))),
  );
}

/** Half of a syllable is not what a person reads, nor is a letter without what it wears. */
const isWhole = (written: string, next: string | undefined): boolean =>
  next === undefined ||
  (!mark.test(next) &&
    (asciiInName.test(next) || (written + next).normalize('NFKC').startsWith(written.normalize('NFKC'))));

/** The names that may be meant by a word, longest first; none of them ends beyond `limit`. */
function candidatesIn(word: readonly Character[], limit: number): MentionPlace['candidates'] {
  const behind = behindRuns(word);
  const candidates: MentionPlace['candidates'] = [];
  let written = '';
  let last = '';
  let lastLetter: string | undefined;
  for (const [index, { character, end }] of word.slice(0, longestWritten).entries()) {
    if (end > limit) break;
    written += character;
    if (!mark.test(character)) last = character;
    if (letter.test(character)) lastLetter = character;
    const next = word[index + 1]?.character;
    const follows = [next, behind[index + 1]].filter((one) => one !== undefined);
    if (!mayEnd(last, lastLetter, follows) || !isWhole(written, next)) continue;
    const name = written.normalize('NFKC');
    const length = codePoints(name);
    if (length > limits.usernameMax) break;
    if (length >= limits.usernameMin) candidates.push({ name: foldUsername(name), end });
  }
  return candidates.reverse();
}

/** More names than these in one text are not looked up: each syllable of a wall of Hangul may be the end of one. */
const namesMax = 2_000;

/** Where a text may mention people by `@username`. Every character is looked at a bounded number of times. */
export function mentionPlaces(text: string): MentionPlace[] {
  const signs = [...text.matchAll(atSigns)].map(({ index }) => index);
  if (signs.length === 0) return [];
  const addresses = addressesIn(text);
  const places: MentionPlace[] = [];
  const names = new Set<string>();
  let covered = 0;
  let next = 0;
  for (const start of signs) {
    for (; (addresses[next]?.start ?? Infinity) <= start; next += 1)
      covered = Math.max(covered, addresses[next]?.end ?? 0);
    if (start < covered) continue;
    const candidates = candidatesIn(wordAt(text, start + 1), addresses[next]?.start ?? text.length);
    for (const { name } of candidates) names.add(name);
    if (names.size > namesMax) break;
    places.push({ start, behind: endNeededBefore(text, start), candidates });
  }
  return places;
}

/** Whom a text mentions: at each place the member with the longest name. `memberNamed` is asked with folded names. */
export function mentionsIn<Who>(
  places: readonly MentionPlace[],
  memberNamed: (name: string) => Who | undefined,
): Mention<Who>[] {
  const mentions: Mention<Who>[] = [];
  for (const { start, behind, candidates } of places) {
    if (behind !== null && mentions.at(-1)?.end !== behind) continue;
    for (const { name, end } of candidates) {
      const who = memberNamed(name);
      if (who === undefined) continue;
      mentions.push({ start, end, who });
      break;
    }
  }
  return mentions;
}
