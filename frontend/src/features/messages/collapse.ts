import { codePoints, findLinks } from '@sori/contract';
import { graphemeCut } from '../../ui/graphemes';

/** From so many code points or lines on, only the beginning is shown at first. */
const long = { characters: 2_000, lines: 40 };
const shown = { characters: 700, lines: 14 };
/** How far back a cut may go for a gap between words. */
const gapWithin = 80;

/** Where so many lines end; null where there are not that many. */
const endOfLine = (text: string, lines: number): number | null => {
  let at = -1;
  for (let count = 0; count < lines; count += 1) {
    at = text.indexOf('\n', at + 1);
    if (at < 0) return null;
  }
  return at;
};

const isLong = (text: string): boolean =>
  // length counts surrogates twice and so is never less: most messages are done here.
  (text.length >= long.characters && codePoints(text) >= long.characters) ||
  endOfLine(text, long.lines - 1) !== null;

/** Where so many code points end. */
const endOfCharacters = (text: string, characters: number): number => {
  let at = 0;
  for (let count = 0; count < characters && at < text.length; count += 1)
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return at;
};

/** Before the address that the cut would go through, or behind it where that leaves too little: none is shown shortened. */
const besideLink = (text: string, cut: number): number => {
  const gap = text.slice(cut).search(/\s/u);
  let start = 0;
  // What comes behind the next space is not read: it is in no address that begins before.
  for (const { text: part, href } of findLinks(gap < 0 ? text : text.slice(0, cut + gap))) {
    const end = start + part.length;
    if (href !== null && start < cut && cut < end) return start > cut / 2 ? start : end;
    if (end >= cut) return cut;
    start = end;
  }
  return cut;
};

const cutOf = (text: string): number => {
  const characters = endOfCharacters(text, shown.characters);
  const line = endOfLine(text, shown.lines);
  if (line !== null && line <= characters) return line;
  const cut = graphemeCut(text, characters);
  const near = text.slice(Math.max(0, cut - gapWithin), cut);
  const gap = near.search(/\s\S*$/u);
  return besideLink(text, gap < 0 ? cut : cut - near.length + gap);
};

/**
 * The beginning of a long text, cut between words where there is a gap nearby, else between what people see as characters,
 * and beside addresses; null where it is short enough whole.
 */
export const beginningOf = (text: string): string | null => {
  if (!isLong(text)) return null;
  const cut = cutOf(text);
  return cut >= text.length ? null : `${text.slice(0, cut).trimEnd()}…`;
};
