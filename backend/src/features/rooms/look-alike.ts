import unhomoglyph from 'unhomoglyph';

/** What is taken for something else: names of people without an account are compared by what the eye makes of them. */

/** Capitals first: small, some of them look like another letter. */
const capitals: Record<string, string> = {
  ...pairs('АВСЕНІЈКМОРЅТХУЗԌ', 'abcehijkmopstxy3g'),
  ...pairs('ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϺ', 'abezhikmnoptyxcm'),
  ...pairs('ᎪᏴᏟᎠᎬᏀᎻᎥᏆᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃᎽ', 'abcdeghiijklmprstvwzy'),
  ...pairs('ꓮꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜ', 'abcdefghijklmnoprstuvwxyz'),
  // White on black, boxed, and the letters that flags are made of: nothing takes these apart.
  ...alphabetFrom('\u{1f150}'),
  ...alphabetFrom('\u{1f170}'),
  ...alphabetFrom('\u{1f1e6}'),
};
const smalls: Record<string, string> = {
  ...pairs('авсԁеһіјкӏмноорԛгѕтуѵԝхзьпиүһғ', 'abcdehijklmhoopqrstyvwx3bnuyhf'),
  ...pairs('αβγεηικμνορστυχωϲϳπς', 'abyenikuvopotuxwcjnc'),
  ...pairs('ıɩɑɡօսհոցզ', 'iiagouhngq'),
  // Capitals that only look small.
  ...pairs('ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ', 'abcdefghijklmnoprstuvwyz'),
  // A stroke through them is overlooked like an accent.
  ...pairs('đøłħŧƀɨʉ', 'dolhtbiu'),
  // Coptic, which Unicode's table leaves to itself.
  ...pairs('ⲁⲃⲅⲇⲉⲍⲏⲓⲕⲗⲙⲛⲟⲡⲣⲥⲧⲩⲭⲱδ', 'abrdezhiklmnonpctyxwd'),
};
/** Last, for what the others became as well. */
const strokes: Record<string, string> = {
  // Latin's own: I, l, 1 and | are one stroke in many faces.
  ...pairs('i1|ǀ0', 'llllo'),
  // A single stroke or circle of Hangul, where it is no part of a syllable.
  ...pairs('\u1175\u110b\u11bc', 'loo'),
};

function pairs(from: string, to: string): Record<string, string> {
  const targets = Array.from(to);
  return Object.fromEntries(Array.from(from, (letter, index) => [letter, targets[index] ?? letter]));
}

function alphabetFrom(first: string): Record<string, string> {
  const start = first.codePointAt(0) ?? 0;
  const letters = Array.from('abcdefghijklmnopqrstuvwxyz');
  return Object.fromEntries(letters.map((letter, index) => [String.fromCodePoint(start + index), letter]));
}

const replaced = (text: string, by: Record<string, string>): string =>
  Array.from(text, (letter) => by[letter] ?? letter).join('');

// In these, letters that look alike are told apart by whoever reads them, and ordinary names differ in nothing else.
const readAsItIs = /(?=[\p{Script=Han}\p{Script=Hangul}\p{Script=Katakana}\p{Script=Hiragana}ー])[^〇]/u;

/** As which letter the eye takes this one: by the tables above, which know small ones from capitals, else by Unicode's. */
const seenAs = (letter: string): string =>
  capitals[letter] ?? smalls[letter] ?? (readAsItIs.test(letter) ? letter : unhomoglyph(letter));

/** Names with the same key cannot be told apart by whoever reads them quickly. Not for showing. */
export function lookAlikeKey(name: string): string {
  const plain = name
    .normalize('NFKD')
    // What cannot be seen, accents, spaces, and points and dashes, which are overlooked.
    .replace(/[\p{Default_Ignorable_Code_Point}\p{C}\p{M}\p{Z}\p{P}]/gu, '')
    .normalize('NFC');
  const seen = Array.from(plain, seenAs)
    .join('')
    .toLowerCase()
    // Unicode's table takes some letters apart.
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .normalize('NFC');
  const folded = replaced(replaced(seen, smalls), strokes).replaceAll('rn', 'm').replaceAll('vv', 'w');
  return folded === '' ? name.normalize('NFKC').toLowerCase() : folded;
}
