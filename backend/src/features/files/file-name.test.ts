import { contentDisposition, fileName, nameIn } from './file-name.js';

describe('the name of a file', () => {
  it.each([
    ['보고서 (최종).pdf', '보고서 (최종).pdf'],
    ['👨‍👩‍👧‍👦 우리.png', '👨‍👩‍👧‍👦 우리.png'],
    ['.gitignore', '.gitignore'],
    ['한글'.normalize('NFD'), '한글'],
    ['a\r\nSet-Cookie: b=c', 'aSet-Cookie: b=c'],
    ['../../etc/passwd', '.._.._etc_passwd'],
    ['C:\\windows\\a.txt', 'C:_windows_a.txt'],
    ['photo\u202egnp.exe', 'photognp.exe'],
    ['a\u2066b\u2069\u0000\u007f\u0085\u2028', 'ab'],
    ['half \ud83d.txt', 'half .txt'],
    ['', 'file'],
    ['  \n ', 'file'],
    ['.', 'file'],
    ['..', 'file'],
  ])('%j is kept as %j', (given, kept) => {
    expect(fileName(given)).toBe(kept);
  });

  it('is cut in front of its ending, between characters', () => {
    const cut = fileName(`${'😀'.repeat(300)}.jpeg`);
    expect(cut).toBe(`${'😀'.repeat(250)}.jpeg`);
    expect(Array.from(fileName(`${'a'.repeat(10)}.${'b'.repeat(400)}`))).toHaveLength(255);
    expect(fileName(`a${'.'.repeat(300)}`)).toHaveLength(255);
  });

  it('is written in a header that it cannot break', () => {
    expect(contentDisposition('attachment', '보고서 "최종" \\ 100%.pdf')).toBe(
      `attachment; filename="___ ____ _ 100_.pdf"; filename*=UTF-8''%EB%B3%B4%EA%B3%A0%EC%84%9C%20%22%EC%B5%9C%EC%A2%85%22%20%5C%20100%25.pdf`,
    );
    expect(contentDisposition('inline', "it's (1)*.png")).toBe(
      `inline; filename="it's (1)*.png"; filename*=UTF-8''it%27s%20%281%29%2A.png`,
    );
  });

  it.each([
    [`attachment; filename*=UTF-8''%EB%B3%B4%EA%B3%A0.pdf`, '보고.pdf'],
    [`attachment; filename="other.pdf"; filename*=utf-8'ko'%EB%B3%B4.pdf`, '보.pdf'],
    ['attachment; filename="a \\"b\\" c.txt"', 'a "b" c.txt'],
    ['attachment; filename=plain.txt', 'plain.txt'],
    [`attachment; filename="${Buffer.from('보고.pdf').toString('latin1')}"`, '보고.pdf'],
    [`attachment; filename*=UTF-8''%E`, null],
    ['attachment', null],
    ['', null],
  ])('is found in %j', (header, name) => {
    expect(nameIn(header)).toBe(name);
  });

  it('comes out as it went in', () => {
    for (const name of ['보고서 (최종).pdf', `it's "100%" *.txt`, '😀;filename=x'])
      expect(nameIn(contentDisposition('attachment', name))).toBe(name);
  });
});
