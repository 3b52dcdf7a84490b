import { isReserved } from './reserved.js';

describe('a name that sounds official', () => {
  it.each([
    ['itself', ['관리자', 'Admin', 'System', 'Sori', '운영자', 'Administrator']],
    ['in another case or width', ['ADMIN', 'sYSTEM', 'ｓｏｒｉ', '𝐀𝐝𝐦𝐢𝐧', 'Ⓢⓨⓢⓣⓔⓜ']],
    ['in letters of another script', ['Аdmіn', 'Ѕуѕтем', 'ѕогі', 'Ѕоrі', 'ΑDΜΙΝ', 'ᎪᎠᎷᏆN', 'ꓮꓓꓟꓲꓠ']],
    [
      'in one letter of any other script',
      ['Տori', 'Ꮥori', ...Array.from('〇၀ဝ๐ס٥०ჿⲟ', (letter) => `S${letter}ri`)],
    ],
    ['in letters of scripts that few can read', ['Ⲁⲇⲙⲓⲛ', 'ⲀⲆⲘⲒⲚ', 'Aᗪmin', 'ᗅᗪᗰIN', 'Adᛖin']],
    ['in letters that only look small or boxed', ['ᴀᴅᴍɪɴ', '🅰🅳🅼🅸🅽', '🇦🇩🇲🇮🇳', 'ꜱʏꜱᴛᴇᴍ']],
    [
      'with digits or signs for letters',
      ['Adm1n', '4dmin', '@dmin', 'Adm!n', '5ystem', 'Sy$tem', 'S0ri', 'S0r1'],
    ],
    ['with something that cannot be seen', ['Ad\u200bmin', '\u202eSori', '관\u00ad리자', 'A\u0301dmin']],
    [
      'with spaces and points between',
      ['A d m i n', 'S.o.r.i', '관 리 자', 'a-d-m-i-n', 'S★o★r★i', 'a_d_m_i_n'],
    ],
    [
      'with numbers and signs around',
      ['Admin1', '1Admin', '관리자2', '(관리자)', '★Sori★', '[System]', 'Admin 007', '✅ Sori'],
    ],
    ['decomposed', ['관리자'.normalize('NFD'), '운영자'.normalize('NFD')]],
    [
      'as somebody is addressed, or twice',
      ['관리자님', 'Sori Admin', 'System Administrator', 'Sori 운영자님', 'Adminadmin'],
    ],
  ])('is recognized: %s', (_how, names) => {
    expect(names.filter((name) => !isReserved(name))).toEqual([]);
  });

  it('is not one that only begins or ends like it, or means something else', () => {
    const free = [
      'Soria',
      'Sorin',
      'Adminah',
      'Badmin',
      '소리',
      '관리',
      '자관리',
      '홍길동',
      '감자',
      'Systematic',
      'Sam',
      'Иван',
      'Ελένη',
      'יוסף',
      'محمد',
      'สมชาย',
      'Աննա',
      'ნინო',
      '山田一郎',
      'ソリ',
      'Åsa Ødegård',
    ];
    const signs = ['', '!!', '🐯', '7', '???', '익명', '익명2', 'Anonymous', '님', 'Alice Admin'];
    expect([...free, ...signs].filter(isReserved)).toEqual([]);
  });
});
