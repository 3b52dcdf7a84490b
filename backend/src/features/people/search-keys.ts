import { initialOf, isInitial, isSyllable, searchedName } from '@sori/contract';
import { fold, keystrokes, stemOf } from './hangul.js';

/** To be raised whenever the keys of a name change; rows with an older one are made anew at start. */
export const searchKeysVersion = 2;

/**
 * Three in a row are rare enough to narrow a search to a few rows, and few enough to be kept: about 60 short keys for
 * the two names of a person.
 */
const longestKey = 3;
/** Compatibility forms can be very long written out (one sign becomes 18), and nobody searches that far. */
const longestName = 200;
/** The database tries an index scan for each key it is given; a few from all over a long text are as good. */
const keysAsked = 6;

const lettersOf = (name: string): string[] => Array.from(fold(name)).slice(0, longestName);

/** All runs of one to three characters, the last one of each reduced to what is certain while it is typed. */
function* runs(characters: readonly string[]): Generator<string> {
  for (let start = 0; start < characters.length; start += 1) {
    for (let length = 1; length <= longestKey && start + length <= characters.length; length += 1) {
      yield keyOf(characters, start, length);
    }
  }
}

const keyOf = (characters: readonly string[], start: number, length: number): string =>
  characters.slice(start, start + length - 1).join('') + stemOf(characters[start + length - 1] ?? '');

/** Every part of these names that somebody could search for, as keys of one index: literally, and by initial consonants. */
export function searchKeysOf({ fullName, username }: { fullName: string; username: string }): {
  searchKeys: string[];
  searchKeysVersion: number;
} {
  const keys = new Set<string>();
  for (const name of [fullName, username]) {
    const characters = lettersOf(name);
    for (const key of runs(characters)) keys.add(key);
    for (const key of runs(characters.map(initialOf))) keys.add(key);
  }
  return { searchKeys: [...keys], searchKeysVersion };
}

/** A search, made ready. */
export interface NameSearch {
  /** Whoever matches has all of these among their keys; the reverse is not true of long or half-typed searches. */
  keys: string[];
  matches: (names: { fullName: string; username: string }) => boolean;
}

/** A search for any part of a name, literally; null where there is nothing to look for. */
export function nameSearch(text: string): NameSearch | null {
  const wanted = lettersOf(searchedName(text));
  if (wanted.length === 0) return null;
  const byInitials = wanted.some(isInitial);
  const keys = new Set(longestRuns(byInitials ? wanted.map(initialOf) : wanted));
  if (byInitials) {
    // 김ㅁ: the whole is found by initials alone, and what was typed whole narrows that down.
    for (const part of wholeParts(wanted)) for (const key of longestRuns(part)) keys.add(key);
  }
  return {
    keys: fewOf([...keys]),
    matches: ({ fullName, username }) =>
      [fullName, username].some((name) => contains(lettersOf(name), wanted)),
  };
}

/** The runs of three that a text consists of, or the text itself where it is shorter. */
function longestRuns(characters: readonly string[]): string[] {
  const length = Math.min(longestKey, characters.length);
  return Array.from({ length: characters.length - length + 1 }, (_, start) =>
    keyOf(characters, start, length),
  );
}

const fewOf = (keys: string[]): string[] =>
  keys.length <= keysAsked
    ? keys
    : Array.from(
        { length: keysAsked },
        (_, index) => keys[Math.floor((index * keys.length) / keysAsked)] ?? '',
      );

function wholeParts(characters: readonly string[]): string[][] {
  const parts: string[][] = [[]];
  for (const character of characters) {
    if (isInitial(character)) parts.push([]);
    else parts.at(-1)?.push(character);
  }
  return parts.filter((part) => part.length > 0);
}

const contains = (name: readonly string[], wanted: readonly string[]): boolean =>
  name.some((_, start) => matchesAt(name, start, wanted));

function matchesAt(name: readonly string[], start: number, wanted: readonly string[]): boolean {
  return wanted.every((character, offset) => {
    const there = name[start + offset];
    if (there === undefined) return false;
    if (there === character || (isInitial(character) && initialOf(there) === character)) return true;
    // The last syllable may be half typed: 기 on the way to 김, 김 on the way to 기민.
    const rest = name.slice(start + offset, start + offset + 2).join('');
    return (
      offset === wanted.length - 1 &&
      isSyllable(character) &&
      keystrokes(rest).startsWith(keystrokes(character))
    );
  });
}
