import { hostEnd, pathEnd } from './linkEnd.js';

/** A stretch of a message: plain, or an address that may be clicked. Joined again, the texts are exactly what was typed. */
export type Stretch = { text: string; href: string | null };

// Only these schemes: javascript: and data: are never addresses to us, whatever else a browser would follow.
const beginnings = /https?:\/\/|mailto:|www\./gi;
const mailName = /[\p{L}\p{M}\p{N}.!#$%&'*+=?^_{|}~-]{1,64}@/uy;
/** In the middle of a word it is none: awww.that. Behind a Korean word it is. */
const inWord = /[\p{sc=Latin}\p{sc=Cyrl}\p{sc=Grek}\p{N}@._-]$/u;

/** What belongs to the sentence where it stands at the end. */
const punctuation = /[.,;:!?'*_~|^·‧・･]|[^\P{Pd}-]/u;
const hostPunctuation = /[-.:@_~%]/;

// Korean glues particles to the word before them. Only a whole run of Hangul that is one is cut off: /wiki/한국 stays.
const particle =
  /(?<![\p{Script=Hangul}])(?:은|는|이|가|을|를|과|와|의|에|에서|에게|에는|에도|에서는|에서도|께|한테|로|으로|로는|로도|도|만|까지|부터|보다|처럼|같은|라고|이라고|라는|이라는|이랑|랑|하고|이나|나|이며|며|인데|이고|고|입니다|이에요|예요|임|요)$/u;
/** Longer than any of them, with the letter before. */
const particleRoom = 6;

/** The end without what belongs to the sentence and not to the address. */
const withoutTail = (text: string, end: number): number => {
  let at = end;
  for (;;) {
    const cut = punctuation.test(text.charAt(at - 1))
      ? 1
      : (particle.exec(text.slice(Math.max(0, at - particleRoom), at))?.[0].length ?? 0);
    if (cut === 0) return at;
    at -= cut;
  }
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
  // Looked at before its path, so that the rest of a long text is not read for nothing.
  if (host.end - from > longestHost || hrefOf(text.slice(start, host.end)) === null)
    return { end: start, href: null, seen: host.end };
  const quoted = text.charAt(start - 1) === "'";
  const { end: whole, seen } = /[/?#]/.test(text.charAt(host.end))
    ? pathEnd(text, host.end, { script: host.script, quoted })
    : { end: host.end, seen: host.end };
  let end = withoutTail(text, whole);
  while (end <= host.end && hostPunctuation.test(text.charAt(end - 1))) end -= 1;
  return { end, href: hrefOf(text.slice(start, end)), seen };
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
