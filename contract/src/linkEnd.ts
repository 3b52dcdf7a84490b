/**
 * Where an address ends that stands in a sentence without a space behind it. It ends where its script does (Korean puts its
 * particles, Chinese and Japanese the whole sentence right behind it), at a bracket that it did not open, at quotes and at
 * what nobody sees. Each function looks at every character once.
 */

type Script = 'latin' | 'hangul' | 'han' | 'other';
/** What a character is to an address: a letter of a script, `number` for what goes with any, or what parts it. */
type Kind = Script | 'number' | 'separator' | 'open' | 'close' | 'weak' | 'end';

const asciiKind = (character: string): Kind => {
  if (/[A-Za-z0-9]/.test(character)) return 'latin';
  // A word behind these may be in another script than the one before.
  if (/[/#&=\-_+|$@:]/.test(character)) return 'separator';
  if (/[([{]/.test(character)) return 'open';
  if (/[)\]}]/.test(character)) return 'close';
  return /[.,;!?'*~%^]/.test(character) ? 'weak' : 'end';
};
const ascii = Array.from({ length: 128 }, (_, code) => asciiKind(String.fromCharCode(code)));

const invisible = /[\s\p{C}\p{Z}\p{DI}]/u;
const han = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}]/u;
/** Letters of no script of their own go with any: ª, µ. */
const latin = /[\p{sc=Latin}\p{sc=Common}]/u;
/** In titles these stand within a word, everything else of their kind ends a sentence or quotes one. */
const within = /[·‧・･]/;
const ending = /[\p{S}\p{Po}\p{Ps}\p{Pe}\p{Pi}\p{Pf}〜\u2014\u2015]/u;

const kindOf = (text: string, index: number): Kind => {
  const known = ascii[text.charCodeAt(index)];
  if (known !== undefined) return known;
  const character = String.fromCodePoint(text.codePointAt(index) ?? 0);
  if (invisible.test(character)) return 'end';
  if (/\p{L}/u.test(character)) {
    if (/\p{sc=Hangul}/u.test(character)) return 'hangul';
    return han.test(character) ? 'han' : latin.test(character) ? 'latin' : 'other';
  }
  if (/[\p{M}\p{N}]/u.test(character)) return 'number';
  return ending.test(character) && !within.test(character) ? 'end' : 'weak';
};

/** Half of what UTF-16 writes in two has a kind of its own only together with the other half. */
const lengthAt = (text: string, index: number): number => ((text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1);

const isLetter = (kind: Kind): kind is Script =>
  kind === 'latin' || kind === 'hangul' || kind === 'han' || kind === 'other';

/** The script of a word with one more letter; null where that is of another one. Latin goes with all. */
const joined = (script: Script | null, letter: Script): Script | null => {
  if (script === null || script === letter) return letter;
  return letter === 'latin' ? script : null;
};

const matchesAt = (sticky: RegExp, text: string, index: number): boolean => {
  sticky.lastIndex = index;
  return sticky.test(text);
};

/** In the middle of a word `www.` begins no address: awww.that. Behind a Korean word it does. */
export const inWord = /[\p{sc=Latin}\p{sc=Cyrl}\p{sc=Grek}\p{N}@._-]$/u;
const beginning = /https?:\/\/|mailto:|(www\.)/iy;
/** Behind these an address belongs to the one that it stands in: archives, redirects, `?q=cache:https://…`. */
const holdsAddress = /[/=&?#:]/;
/** Whether another address begins within what was an address so far. */
const isNextAt = (text: string, at: number): boolean => {
  if (!/[hmw]/i.test(text.charAt(at)) || holdsAddress.test(text.charAt(at - 1))) return false;
  beginning.lastIndex = at;
  const found = beginning.exec(text);
  return found !== null && (found[1] === undefined || !inWord.test(text.slice(Math.max(0, at - 2), at)));
};

const numericHost = /\[[0-9a-f:.]{2,45}\]/iy;
/** With the port a host ends. A password that is a number is none. */
const port = /:\d{1,5}(?!\d|[\p{L}\p{M}\p{N}.!$&'()*+,;=_~%-]{0,64}@)/uy;
/** A part of a host that more follows behind: after two Latin ones, another script is the next sentence otherwise. */
const hostGoesOn = /[\p{L}\p{M}\p{N}-]{1,63}[/:]/uy;

/** The end of a host that begins at `from`, and the script of its last part. */
export function hostEnd(text: string, from: number): { end: number; script: Script | null } {
  let script: Script | null = null;
  let latinParts = 0;
  if (matchesAt(numericHost, text, from)) {
    const end = numericHost.lastIndex;
    return { end: matchesAt(port, text, end) ? port.lastIndex : end, script: 'latin' };
  }
  let at = from;
  for (; at < text.length; at += lengthAt(text, at)) {
    if (at > from && isNextAt(text, at)) break;
    if (matchesAt(port, text, at)) return { end: port.lastIndex, script };
    const kind = kindOf(text, at);
    if (isLetter(kind)) {
      const next = joined(script, kind);
      if (next === null) break;
      const isOther = script === null && next !== 'latin';
      if (isOther && latinParts > 1 && !matchesAt(hostGoesOn, text, at)) break;
      script = next;
    } else if (kind !== 'number') {
      const character = text.charAt(at);
      if (!/[-_~%:.@]/.test(character)) break;
      if (character !== '.' && character !== '@') continue;
      latinParts = character === '.' && script === 'latin' ? latinParts + 1 : 0;
      script = null;
    }
  }
  return { end: at, script };
}

const closing: Record<string, string> = { '(': ')', '[': ']', '{': '}' };
const queryKey = /\?[\p{L}\p{M}\p{N}_-]{1,64}=/uy;
/**
 * Titles of encyclopedias begin in two scripts (`/wiki/2002년_월드컵`, `/wiki/K팝`), and so does what Korean is searched for
 * (`?q=2020년`), sentences behind an address do not. Longer numbers are of what is shown there.
 */
const titleBegins = /\/(?:wiki|w)\/[0-9A-Z]{1,8}$/;
const yearAsked = /=\d{1,4}$/;
const isTitle = (text: string, from: number, at: number, letter: Script): boolean => {
  const before = text.slice(Math.max(from, at - 16), at);
  return titleBegins.test(before) || (letter === 'hangul' && yearAsked.test(before));
};
/** No Japanese word begins with this particle. */
const isParticle = (text: string, at: number): boolean =>
  text.charAt(at) === 'を' && !/[\p{L}\p{M}\p{N}=]/u.test(text.charAt(at - 1));

/**
 * The end of what follows a host: path, query, fragment. `seen` is how far it was looked for, past a bracket that was opened
 * and never closed.
 */
export function pathEnd(
  text: string,
  from: number,
  { script: hostScript, quoted }: { script: Script | null; quoted: boolean },
): { end: number; seen: number } {
  const open: { at: number; closing: string | undefined }[] = [];
  let script = hostScript;
  let at = from;
  for (; at < text.length; at += lengthAt(text, at)) {
    const kind = kindOf(text, at);
    const character = text.charAt(at);
    if (kind === 'end' || (quoted && character === "'") || isParticle(text, at) || isNextAt(text, at)) break;
    if (isLetter(kind)) {
      const next = joined(script, kind);
      if (next === null && !isTitle(text, from, at, kind)) break;
      script = next ?? kind;
    } else if (kind === 'open') {
      open.push({ at, closing: closing[character] });
    } else if (kind === 'close') {
      if (open.at(-1)?.closing !== character) break;
      open.pop();
    } else if (kind === 'separator' || (character === '?' && matchesAt(queryKey, text, at))) script = null;
  }
  return { end: open[0]?.at ?? at, seen: at };
}
