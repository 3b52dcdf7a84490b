import { mentionPlaces, mentionsIn } from '@sori/contract';
import type { Mentionable } from '../../account/conversations/mentions';

/** What is being typed behind an at sign: where that stands in the text, and where the caret is. */
export type MentionBeingTyped = { start: number; end: number; query: string };

/** An at sign and as many characters as a name has, in UTF-16 units. */
const longest = 65;
const behindAt = /[@＠]([\p{L}\p{M}\p{Nd}._-]{0,32})$/u;

/** Where the caret stands behind an at sign that would mention somebody with a name behind it. */
export const mentionBeingTyped = (
  text: string,
  caret: number | null,
  mentionable: () => Mentionable,
): MentionBeingTyped | null => {
  if (caret === null) return null;
  const before = text.slice(0, caret);
  const found = behindAt.exec(before.slice(-longest));
  if (found === null) return null;
  const [typed, query = ''] = found;
  const places = mentionPlaces(before);
  const place = places.at(-1);
  if (place?.start !== caret - typed.length) return null;
  if (place.behind !== null) {
    const people = mentionable();
    const others = mentionsIn(places.slice(0, -1), (name) => people.get(name));
    if (others.at(-1)?.end !== place.behind) return null;
  }
  return { start: place.start, end: caret, query };
};
