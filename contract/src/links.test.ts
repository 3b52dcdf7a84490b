import { findLinks } from './index.js';

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

  it.each([
    ['https://e.com/docs，谢谢', 'https://e.com/docs'],
    ['https://e.com/docs。谢谢', 'https://e.com/docs'],
    ['https://e.com/docs谢谢', 'https://e.com/docs'],
    ['看https://e.cn/b看看', 'https://e.cn/b'],
    ['「https://e.jp/a」を見て', 'https://e.jp/a'],
    ['https://e.jp/aを見て', 'https://e.jp/a'],
    ['https://e.jp/a〜', 'https://e.jp/a'],
    ['（https://e.cn/a）', 'https://e.cn/a'],
    ['《https://e.cn/a》', 'https://e.cn/a'],
    ['https://a.kr입니까?', 'https://a.kr'],
    ['https://a.kr/docs확인해주세요', 'https://a.kr/docs'],
    ['https://a.kr:8080에서', 'https://a.kr:8080'],
    ['https://a.kr.그리고 나서', 'https://a.kr'],
    ['https://a.kr/b.그리고', 'https://a.kr/b'],
    ['https://a.kr/b?그래요', 'https://a.kr/b'],
    ['https://a.kr?그래요', 'https://a.kr'],
    ['https://a.kr/b/123번', 'https://a.kr/b/123'],
    ['www.example.com입니다', 'www.example.com'],
    ['주소는www.example.com', 'www.example.com'],
    ['mailto:kim@example.com으로', 'mailto:kim@example.com'],
    ['https://e.com/docsи далее', 'https://e.com/docs'],
    ['https://e.com/docsสวัสดี', 'https://e.com/docs'],
    ['https://e.com/a👍', 'https://e.com/a'],
    ['https://e.com👍', 'https://e.com'],
    ['https://e.com/a→b', 'https://e.com/a'],
  ])('end where their script does: %s', (text, link) => expect(links(text)).toEqual([link]));

  it.each([
    ['참고(https://a.kr/guide)하세요', 'https://a.kr/guide'],
    ['[글](https://a.kr/b) 봐', 'https://a.kr/b'],
    ['https://a.kr/guide(참고용)', 'https://a.kr/guide'],
    ['https://a.kr/guide(see below)', 'https://a.kr/guide'],
    ['`https://a.kr/b`', 'https://a.kr/b'],
    ['`https://a.kr/b`에서', 'https://a.kr/b'],
    ["'https://a.kr/b'를", 'https://a.kr/b'],
    ["'https://a.kr/b'and", 'https://a.kr/b'],
    ['"https://a.kr/b"and', 'https://a.kr/b'],
    ['**https://a.kr/b**에서', 'https://a.kr/b'],
    ['https://a.kr/b\u200B뒤', 'https://a.kr/b'],
    ['https://a.kr/b\u2060c', 'https://a.kr/b'],
    ['https://a.kr/b\u202Ec', 'https://a.kr/b'],
    ['https://a.kr\uFEFF/b', 'https://a.kr'],
    ['https://a.kr/b\u3164c', 'https://a.kr/b'],
  ])('end at brackets, quotes and what nobody sees: %j', (text, link) => expect(links(text)).toEqual([link]));

  it('may stand side by side', () => {
    expect(links('https://e.cn/a、https://e.cn/b')).toEqual(['https://e.cn/a', 'https://e.cn/b']);
    for (const between of [',', ';', '|']) {
      expect(links(`https://t.co/x${between}https://t.co/y`)).toEqual(['https://t.co/x', 'https://t.co/y']);
      expect(links(`https://t.co/x?a=1${between}www.t.co/y`)).toEqual(['https://t.co/x?a=1', 'www.t.co/y']);
    }
    expect(links('https://a.kr/x(https://b.kr/y)')).toEqual(['https://a.kr/x', 'https://b.kr/y']);
    expect(links('https://a.kr/guide(see https://b.kr/y)')).toEqual(['https://a.kr/guide', 'https://b.kr/y']);
  });

  it.each([
    'https://한국.kr/경로',
    'https://한국.kr/경로?검색=한국&쪽=2#끝',
    'https://example.한국/경로',
    'https://example.한국',
    'https://www.한국.kr',
    'https://例え.jp/パス/スター・ウォーズ',
    'https://中文.cn/路径',
    'https://пример.рф/путь',
    'https://ko.wikipedia.org/wiki/소리_(밴드)',
    'https://ko.wikipedia.org/wiki/한국K팝',
    'https://ko.wikipedia.org/wiki/2002년_FIFA_월드컵',
    'https://namu.wiki/w/SK하이닉스',
    'https://en.wikipedia.org/wiki/A_(b)',
    'https://en.wikipedia.org/wiki/Café_(b(c))_d',
    'https://a.kr/search?검색어=소리',
    'https://a.kr/post-제목',
    'https://a.kr/x?f[]=1&g={2}',
    'http://[::1]:5000/x',
    'http://localhost:5000/a,b;c=1!d*e~f',
    'https://web.archive.org/web/2020/https://example.com/a',
    'https://medium.com/@kim/a-b',
    'https://a.kr/%EA%B2%BD%EB%A1%9C%20a',
  ])('are whole: %s', (text) => {
    expect(links(text)).toEqual([text]);
    expect(links(`(${text})`)).toEqual([text]);
    expect(links(`${text}, 그리고`)).toEqual([text]);
  });

  it.each(['awww.example.com', 'kim@www.example.com', `https://${'a'.repeat(300)}.kr`, 'https://)'])(
    'are none: %.40s',
    (text) => expect(links(text)).toEqual([]),
  );

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
    'https://a.kr/(((([[[https://b.kr 끝)))',
    '`https://a.kr`https://b.kr를(https://c.kr/😀)\u200Bmailto:a@b.c!',
  ])('never change what was typed: %j', (text) =>
    expect(
      findLinks(text)
        .map((stretch) => stretch.text)
        .join(''),
    ).toBe(text),
  );
});
