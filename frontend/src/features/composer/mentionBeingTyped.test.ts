import { alice } from '@sori/client/testing';
import { mentionBeingTyped } from './mentionBeingTyped';

const typed = (text: string, caret: number | null = text.length) =>
  mentionBeingTyped(text, caret, () => new Map([['alice', alice._id]]));

describe('the name that somebody types behind an at sign', () => {
  it.each([
    ['@', 0, ''],
    ['hello @al', 6, 'al'],
    ['안녕@민', 2, '민'],
    ['见＠', 1, ''],
    ['＠al', 0, 'al'],
    ['(@al', 1, 'al'],
    ['@alice@b', 6, 'b'],
  ])('is completed where it would mention somebody: %s', (text, start, query) =>
    expect(typed(text)).toEqual({ start, end: text.length, query }),
  );

  it.each(['me@al', 'me@alice@b', 'https://a.kr/@al', 'ж@', '1@a', '@al ', '@al!', 'nobody'])(
    'is not where it would not: %s',
    (text) => expect(typed(text)).toBeNull(),
  );

  it('is the one at the caret', () => {
    expect(typed('@al and @bo', 3)).toEqual({ start: 0, end: 3, query: 'al' });
    expect(typed('@al', null)).toBeNull();
  });
});
