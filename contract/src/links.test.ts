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

  it.each(
    (
      '를 입니까? 인데요 이네요 인가요 입니다만 이야 에요 죠 에서요 에서의 까지는 까지만 부터는 으로는 이라서 라고요 ' +
      'を見て'
    ).split(' '),
  )('leave what the sentence puts behind a slash outside: %s', (behind) => {
    expect(links(`https://a.kr/${behind}`)).toEqual(['https://a.kr/']);
    expect(links(`https://a.kr/b/${behind}`)).toEqual(['https://a.kr/b/']);
  });

  it.each([
    ['http://localhost:5000.', 'http://localhost:5000'],
    ['http://localhost:5000.그리고', 'http://localhost:5000'],
    ['http://192.168.0.10:5000.', 'http://192.168.0.10:5000'],
    ['www.a.kr:80.', 'www.a.kr:80'],
    ['https://a.kr:8080.그리고', 'https://a.kr:8080'],
    ...['.', '~', '-', '_', ':', '%'].map((sign) => [`https://a.kr:8080${sign}`, 'https://a.kr:8080']),
    ['https://a.kr%', 'https://a.kr'],
    ['https://kim:1234@a.kr:80.', 'https://kim:1234@a.kr:80'],
    ['http://[::1]을', 'http://[::1]'],
    ['http://[::1].', 'http://[::1]'],
    ['http://[::1]:5000.', 'http://[::1]:5000'],
    ['http://[::1]?그래요', 'http://[::1]'],
  ])('end with their port, or where their host does: %s', (text, link) =>
    expect(links(text)).toEqual([link]),
  );

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
    ['https://a.kr/x—see below', 'https://a.kr/x'],
    ['https://a.kr/x―see below', 'https://a.kr/x'],
    ['https://e.jp/東京_(駅)を見て', 'https://e.jp/東京_(駅)'],
    ['https://a.kr/?id=123입니다', 'https://a.kr/?id=123'],
    ['https://a.kr/?id=0012345확인', 'https://a.kr/?id=0012345'],
    ['https://e.cn/?id=12看看', 'https://e.cn/?id=12'],
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
    ['__https://a.kr/b__를', 'https://a.kr/b'],
    ['https://youtu.be/dQw4w9WgXc_입니다.', 'https://youtu.be/dQw4w9WgXc_'],
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
    for (const between of ['', '.', '.(', '한국'])
      expect(links(`https://a.kr/x${between}https://b.kr/y`)).toEqual(['https://a.kr/x', 'https://b.kr/y']);
    for (const between of ['', '.'])
      expect(links(`https://a.kr${between}https://b.kr`)).toEqual(['https://a.kr', 'https://b.kr']);
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
    'https://a.kr/login?next=https://b.kr/y&or=www.c.kr#https://d.kr',
    'https://a.kr/search?q=cache:https://b.kr/y',
    'https://a.kr/awww.b.kr',
    'https://medium.com/@kim/a-b',
    'https://youtu.be/dQw4w9WgXc_',
    'https://a.kr/b__init__',
    'https://a.kr/1990–2000',
    'https://a.kr/search?q=나',
    'https://a.kr/search?page=2&query=나',
    'https://a.kr/search?q=너와+나',
    'https://a.kr/?q=2020년은',
    'https://ko.wikipedia.org/wiki/도',
    'https://a.kr/tag/도로',
    'https://a.kr/%EA%B2%BD%EB%A1%9C%20a',
  ])('are whole: %s', (text) => {
    expect(links(text)).toEqual([text]);
    expect(links(`(${text})`)).toEqual([text]);
    expect(links(`${text}, 그리고`)).toEqual([text]);
  });

  it.each([
    'awww.example.com',
    'kim@www.example.com',
    `https://${'a'.repeat(300)}.kr`,
    'https://)',
    'https://.',
    'mailto:a@',
  ])('are none: %.40s', (text) => expect(links(text)).toEqual([]));

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
