/** A stretch of a message: plain, or an address that may be clicked. Joined again, the texts are exactly what was typed. */
export type Stretch = { text: string; href: string | null };

// Only these schemes: javascript: and data: are never addresses to us, whatever else a browser would follow.
const address = /(?:https?:\/\/|mailto:|www\.)[^\s<>\u2028\u2029]+/giu;

const punctuation = /[.,;:!?'"*_~…·。、！？，；：”’»›」』】〉》]$/u;
const brackets: Record<string, string> = { ')': '(', ']': '[', '}': '{', '）': '（' };

// Korean glues particles to the word before them. Only a whole run of Hangul that is one is cut off: /wiki/한국 stays.
const particle =
  /(?<![\p{Script=Hangul}])(?:은|는|이|가|을|를|과|와|의|에|에서|에게|에는|에도|에서는|에서도|께|한테|로|으로|로는|로도|도|만|까지|부터|보다|처럼|같은|라고|이라고|라는|이라는|이랑|랑|하고|이나|나|이며|며|인데|이고|고|입니다|이에요|예요|임|요)$/u;

const count = (text: string, character: string) => text.split(character).length - 1;

/** Without what belongs to the sentence and not to the address. */
const withoutTail = (found: string): string => {
  const last = found.at(-1) ?? '';
  const opening = brackets[last];
  if (opening !== undefined && count(found, last) > count(found, opening))
    return withoutTail(found.slice(0, -1));
  if (punctuation.test(found)) return withoutTail(found.replace(punctuation, ''));
  const bare = found.replace(particle, '');
  return bare === found ? found : withoutTail(bare);
};

const hrefOf = (text: string): string | null => {
  try {
    const url = new URL(/^www\./i.test(text) ? `https://${text}` : text);
    if (url.protocol === 'mailto:') return url.pathname.includes('@') ? url.href : null;
    return (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== '' ? url.href : null;
  } catch {
    return null;
  }
};

export const findLinks = (text: string): Stretch[] => {
  const stretches: Stretch[] = [];
  let from = 0;
  for (const match of text.matchAll(address)) {
    // In the middle of a word it is none: awww.that, xhttp://…
    if (/[\p{L}\p{N}]$/u.test(text.slice(0, match.index)) && /^www/i.test(match[0])) continue;
    const link = withoutTail(match[0]);
    const href = hrefOf(link);
    if (href === null) continue;
    if (match.index > from) stretches.push({ text: text.slice(from, match.index), href: null });
    stretches.push({ text: link, href });
    from = match.index + link.length;
  }
  if (from < text.length) stretches.push({ text: text.slice(from), href: null });
  return stretches;
};
