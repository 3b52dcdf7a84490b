import { hostEnd, inWord, pathEnd } from './linkEnd.js';

/** A stretch of a message: plain, or an address that may be clicked. Joined again, the texts are exactly what was typed. */
export type Stretch = { text: string; href: string | null };

// Only these schemes: javascript: and data: are never addresses to us, whatever else a browser would follow.
const beginnings = /https?:\/\/|mailto:|www\./gi;
const mailName = /[\p{L}\p{M}\p{N}.!#$%&'*+=?^_{|}~-]{1,64}@/uy;

/** What belongs to the sentence where it stands at the end. */
const punctuation = /[.,;:!?'*~|^·‧・･]|[^\P{Pd}-]/u;
const hostPunctuation = /[-.:@_~%]/;

/** Korean glues these to the word before them. Some take another one: 까지만, 에서의. */
const particles =
  '은|는|이|가|을|를|과|와|의|께|도|만|같은|이랑|랑|하고|이나|나|이며|며|이고|고|' +
  '(?:에서|에게|에|한테|으로|로|까지|부터|보다|처럼)(?:부터|까지)?(?:는|도|만|의|요)?|(?:이?라고|이?라는)(?:는|도|요)?';
/** That it is so: polite, familiar, asking, giving a reason. */
const endings =
  '입니(?:다만?|까)|인(?:데|가|지)요?|이?(?:에요|예요|죠|네요|라서요?|군요|거든요|니까요?)|이야|이지(?:만|요)|임|요';
// Only a whole run of Hangul that is one is cut off: /wiki/한국 stays. Searches and titles may be of one, too.
const particle = new RegExp(`(?<![\\p{Script=Hangul}=+@]|/(?:wiki|w)/)(?:${particles}|${endings})$`, 'u');
/** Longer than any of them, with what stands before. */
const particleRoom = 16;

/** The end without what belongs to the sentence and not to the address. Addresses end in `_` where none stands before them. */
const withoutTail = (text: string, start: number, end: number): number => {
  const isEmphasized = text.charAt(start - 1) === '_';
  let at = end;
  for (;;) {
    const last = text.charAt(at - 1);
    const cut =
      punctuation.test(last) || (isEmphasized && last === '_')
        ? 1
        : (particle.exec(text.slice(Math.max(0, at - particleRoom), at))?.[0].length ?? 0);
    if (cut === 0) return at;
    at -= cut;
  }
};

/** No host ends in these. */
const withoutHostTail = (text: string, end: number): number => {
  let at = end;
  while (hostPunctuation.test(text.charAt(at - 1))) at -= 1;
  return at;
};

/** Both ends have it; the types of neither are known here. */
declare const URL: new (text: string) => { href: string; protocol: string; hostname: string };

const hrefOf = (text: string): string | null => {
  try {
    const url = new URL(/^www\./i.test(text) ? `https://${text}` : text);
    if (url.protocol === 'mailto:') return url.href;
    return (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== '' ? url.href : null;
  } catch {
    return null;
  }
};

/** Where the host begins of what looks like the beginning of an address; null where it is none. */
const hostStart = (text: string, start: number, beginning: string): number | null => {
  const behind = start + beginning.length;
  switch (beginning.toLowerCase()) {
    case 'www.':
      return inWord.test(text.slice(Math.max(0, start - 2), start)) ? null : start;
    case 'mailto:':
      mailName.lastIndex = behind;
      return mailName.test(text) ? mailName.lastIndex : null;
    default:
      return behind;
  }
};

/** No host is longer. */
const longestHost = 255;

/** `seen` is from where on others are looked for. */
type Found = { end: number; href: string | null; seen: number };

const linkAt = (text: string, start: number, beginning: string): Found => {
  const from = hostStart(text, start, beginning);
  if (from === null) return { end: start, href: null, seen: start + beginning.length };
  const host = hostEnd(text, from);
  const none = { end: start, href: null, seen: host.end };
  const hostOnly = withoutHostTail(text, host.end);
  if (hostOnly <= from || hostOnly - from > longestHost) return none;
  // Looked at before its path, so that the rest of a long text is not read for nothing.
  if (hrefOf(text.slice(start, hostOnly)) === null) return none;
  const quoted = text.charAt(start - 1) === "'";
  const { end: whole, seen } = /[/?#]/.test(text.charAt(host.end))
    ? pathEnd(text, host.end, { script: host.script, quoted })
    : { end: host.end, seen: host.end };
  const tailless = withoutTail(text, start, whole);
  const end = tailless <= host.end ? withoutHostTail(text, tailless) : tailless;
  return end <= from ? none : { end, href: hrefOf(text.slice(start, end)), seen };
};

interface Link {
  start: number;
  end: number;
  href: string;
}

/** The addresses that may be clicked, in UTF-16 units. */
function linksIn(text: string): Link[] {
  const links: Link[] = [];
  let seen = 0;
  for (const { index: start, 0: beginning } of text.matchAll(beginnings)) {
    if (start < seen) continue;
    const { end, href, seen: looked } = linkAt(text, start, beginning);
    seen = looked;
    if (href !== null) links.push({ start, end, href });
  }
  return links;
}

export const findLinks = (text: string): Stretch[] => {
  const stretches: Stretch[] = [];
  let from = 0;
  for (const { start, end, href } of linksIn(text)) {
    if (start > from) stretches.push({ text: text.slice(from, start), href: null });
    stretches.push({ text: text.slice(start, end), href });
    from = end;
  }
  if (from < text.length) stretches.push({ text: text.slice(from), href: null });
  return stretches;
};

// Few type the scheme of "youtube.com/@name". That is too uncertain to be clicked, but it is an address. Behind an @ it is
// a user name with a dot.
const hostsWithPath = /(?<![a-z0-9.@＠_-])(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?::\d{1,5})?(?=\/)/gi;

/** All addresses in a text, those that cannot be clicked included, by where they begin. They may lie in one another. */
export function addressesIn(text: string): { start: number; end: number }[] {
  const addresses: { start: number; end: number }[] = linksIn(text);
  let seen = 0;
  for (const { index: start, 0: host } of text.matchAll(hostsWithPath)) {
    if (start < seen) continue;
    const path = pathEnd(text, start + host.length, { script: 'latin', quoted: false });
    addresses.push({ start, end: path.end });
    seen = path.seen;
  }
  return addresses.sort((one, other) => one.start - other.start);
}
