import { codePoints } from '@sori/contract';

/** From so many code points or lines on, only the beginning is shown at first. */
const long = { characters: 2_000, lines: 40 };
const shown = { characters: 700, lines: 14 };

/** The beginning of a long text, cut between words where there is a gap nearby; null where it is short enough whole. */
export const beginningOf = (text: string): string | null => {
  const lines = text.split('\n');
  // length counts surrogates twice and so is never less: most messages are done here.
  const tooLong = text.length >= long.characters && codePoints(text) >= long.characters;
  if (!tooLong && lines.length < long.lines) return null;

  const cut = Array.from(lines.slice(0, shown.lines).join('\n')).slice(0, shown.characters).join('');
  const gap = cut.search(/\s+\S*$/u);
  const atGap = gap > cut.length - 80 ? cut.slice(0, gap) : cut;
  // Not in the middle of an emoji that is joined of several.
  return `${atGap.replace(/(?:\u200D|\uFE0F)+$/u, '').trimEnd()}…`;
};
