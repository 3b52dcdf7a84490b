import { findLinks } from './links';

const links = (text: string) =>
  findLinks(text).flatMap(({ text: shown, href }) => (href === null ? [] : [shown]));

describe('addresses in what somebody wrote', () => {
  it('can be clicked', () => {
    expect(findLinks('see https://a.kr/x?y=1#z now')).toEqual([
      { text: 'see ', href: null },
      { text: 'https://a.kr/x?y=1#z', href: 'https://a.kr/x?y=1#z' },
      { text: ' now', href: null },
    ]);
    expect(links('mailto:kim@example.com')).toEqual(['mailto:kim@example.com']);
    expect(findLinks('www.example.com')).toEqual([
      { text: 'www.example.com', href: 'https://www.example.com/' },
    ]);
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,<b>x</b>',
    'JAVASCRIPT://x%0aalert(1)',
    'vbscript:x',
    'file:///etc',
  ])('stay mere text where a click could do harm: %s', (text) => expect(links(text)).toEqual([]));

  it.each([
    ['https://a.kr/를 보세요', 'https://a.kr/'],
    ['https://a.kr은 어때요', 'https://a.kr'],
    ['https://a.kr/b에서 봤어', 'https://a.kr/b'],
    ['(https://a.kr/b)를', 'https://a.kr/b'],
    ['주소는 https://a.kr/b입니다.', 'https://a.kr/b'],
  ])('leave the Korean particle outside: %s', (text, link) => expect(links(text)).toEqual([link]));

  it('keep a Korean path', () => {
    expect(links('https://ko.wikipedia.org/wiki/한국')).toEqual(['https://ko.wikipedia.org/wiki/한국']);
    expect(links('https://ko.wikipedia.org/wiki/종이')).toEqual(['https://ko.wikipedia.org/wiki/종이']);
  });

  it.each([
    ['Look: https://a.kr/b.', 'https://a.kr/b'],
    ['https://a.kr/b, and', 'https://a.kr/b'],
    ['“https://a.kr/b”!?', 'https://a.kr/b'],
    ['(https://a.kr/b)', 'https://a.kr/b'],
    ['https://en.wikipedia.org/wiki/Sori_(band)', 'https://en.wikipedia.org/wiki/Sori_(band)'],
    ['<https://a.kr/b>', 'https://a.kr/b'],
  ])('leave the punctuation of the sentence outside: %s', (text, link) =>
    expect(links(text)).toEqual([link]),
  );

  it.each([
    '<b>bold</b> &amp; https://a.kr/를 …',
    'https:// nothing',
    'www.',
    'mailto:',
    'a\n\nhttps://a.kr\nb',
  ])('never change what was typed: %j', (text) =>
    expect(
      findLinks(text)
        .map((stretch) => stretch.text)
        .join(''),
    ).toBe(text),
  );
});
