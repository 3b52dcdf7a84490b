import { foldUsername } from './text.js';

/** A place in a text that may mention somebody: `@`, and what follows it. */
export interface MentionPlace {
  /** Where the `@` stands, in UTF-16 units. */
  start: number;
  /** What the place can mean, longest first: `name` is folded like a user name, `end` is where it ends in the text. */
  candidates: { name: string; end: number }[];
}

/** More places than this in one text are not looked at: a wall of names calls nobody. */
const placesMax = 100;

// Not within a word or an address of mail: "a@b.kr" mentions nobody.
const place = /(?<![\p{L}\p{M}\p{Nd}._-])@([\p{L}\p{M}\p{Nd}._-]{2,64})/gu;
// "@minjun." ends a sentence, "@민준님은" goes on with what Korean puts behind a name.
const behindName =
  /^(?:[._-]*|(?:님|씨|아|야)?(?:들)?(?:께서는|께서|에게|한테|이랑|랑|하고|이|가|은|는|을|를|의|도|만|와|과|께|요)?[._-]*)$/u;

/**
 * Where a text may mention people by `@username`. Which of them it does mention depends on who is there: at each place it
 * is the first candidate that is a member's user name.
 */
export function mentionPlaces(text: string): MentionPlace[] {
  const places: MentionPlace[] = [];
  for (const { index: start, 1: word = '' } of text.matchAll(place)) {
    if (places.length === placesMax) break;
    const characters = Array.from(word);
    const candidates: MentionPlace['candidates'] = [];
    for (let length = characters.length; length >= 2; length -= 1) {
      if (!behindName.test(characters.slice(length).join('').normalize('NFC'))) continue;
      const name = characters.slice(0, length).join('');
      candidates.push({ name: foldUsername(name), end: start + 1 + name.length });
    }
    places.push({ start, candidates });
  }
  return places;
}
