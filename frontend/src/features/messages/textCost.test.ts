/** @jest-environment node */
import {
  codePoints,
  findLinks,
  foldUsername,
  isEmoji,
  isStorable,
  isVisibleName,
  mentionPlaces,
} from '@sori/contract';
import { graphemeCut } from '../../ui/graphemes';
import { beginningOf } from './collapse';
import { emojiOnly } from './emojiOnly';
import { partsOf } from './mentionsShown';

/** What a message is looked at with, by everybody who sees it. */
const looks: Record<string, (text: string) => unknown> = {
  findLinks,
  partsOf: (text) => partsOf(text, new Map([['ab', '0'.repeat(24)]])),
  beginningOf,
  graphemeCut: (text) => graphemeCut(text, text.length - 1),
  emojiOnly,
  mentionPlaces,
  codePoints,
  isStorable,
  isVisibleName,
  isEmoji,
  foldUsername,
};

const repeated: Record<string, string> = {
  'opening brackets': '(',
  'closing brackets': ')',
  'kinds of brackets': '([{',
  names: '@ab',
  'at signs': '@',
  dots: 'a.',
  schemes: 'http://',
  'addresses with a bracket': 'http://a/(',
  'addresses with a bracket and a word': 'http://a/x(_',
  'addresses with two brackets': 'http://a/[x(',
  'addresses of mail': 'mailto:a@b',
  'beginnings of mail': 'mailto:',
  webs: 'www.',
  ports: ':1',
  passwords: ':1a@',
  'addresses in one another': 'http://a/xwww.b',
  marks: '\u0301',
  joiners: '\u200D',
  'joined hearts': '❤️\u200D',
  hearts: '❤️',
  faces: '😀',
  flags: '🇰',
  'low lines': '_',
  spaces: ' ',
  lines: '\n',
  'spaces and a letter': `${' '.repeat(79)}a`,
  'right-to-left marks': '\u200F',
  particles: '를.',
  questions: '?가',
  'ideographic spaces': '\u3000',
  digits: '1',
};

const beginnings = ['', 'https://a', 'https://a/', '❤️\u200D', '@'];
/** The end is what shows to some patterns that all of it was for nothing. */
const ends = ['', 'a', '\u0301'];
const frames = beginnings.flatMap((beginning) => ends.map((end) => ({ beginning, end })));

/** Below this the clock, the compiler and whatever else the machine does say more than the text. */
const floorMs = 100;

/** The quickest of a few: what else the machine does only ever adds. Where one is quick, it needs no others. */
function timeOf(look: (text: string) => unknown, text: string): number {
  let quickest = Infinity;
  for (let round = 0; round < 5 && quickest > floorMs; round += 1) {
    const began = performance.now();
    look(text);
    quickest = Math.min(quickest, performance.now() - began);
  }
  return quickest;
}

describe.each(Object.entries(looks))('what %s costs', (_name, look) => {
  it.each(Object.entries(repeated))('grows with a text of %s no faster than the text', (_what, part) => {
    const times = Math.ceil(2_000 / codePoints(part));
    for (const { beginning, end } of frames) {
      const text = (factor: number): string => beginning + part.repeat(times * factor) + end;
      const long = timeOf(look, text(8));
      if (long < floorMs) continue;
      // Eight times the text: 64 times the time where each character is looked at from each other one.
      expect(long).toBeLessThan(30 * timeOf(look, text(1)));
    }
  });
});
