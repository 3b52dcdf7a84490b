import { createContext, useContext } from 'react';
import { findLinks, type Id, type Stretch } from '@sori/contract';
import { mentionedIn, type Mentionable } from '../../account/conversations/mentions';

/** A stretch of a message: plain, an address, or somebody's user name with its `@`. */
export type Part = Stretch & { mentioned: Id | null };

export const MentionableContext = createContext<Mentionable>(new Map());
export const useMentionable = (): Mentionable => useContext(MentionableContext);

/** Joined again, the texts are exactly what was typed. No mention is in an address that can be clicked. */
export const partsOf = (text: string, mentionable: Mentionable): Part[] => {
  const mentions = mentionedIn(text, mentionable);
  let next = 0;
  let stretchEnd = 0;
  return findLinks(text).flatMap((stretch): Part[] => {
    let from = stretchEnd;
    stretchEnd += stretch.text.length;
    const parts: Part[] = [];
    const plain = (end: number) => {
      if (end > from) parts.push({ text: text.slice(from, end), href: stretch.href, mentioned: null });
    };
    for (
      let mention = mentions[next];
      mention !== undefined && mention.start < stretchEnd;
      mention = mentions[next]
    ) {
      plain(mention.start);
      parts.push({ text: text.slice(mention.start, mention.end), href: null, mentioned: mention.who });
      from = mention.end;
      next += 1;
    }
    plain(stretchEnd);
    return parts;
  });
};

/** The first so many UTF-16 units of them, without half a name. */
export const beginningOfParts = (parts: readonly Part[], length: number): Part[] => {
  const beginning: Part[] = [];
  let at = 0;
  for (const part of parts) {
    const left = length - at;
    at += part.text.length;
    if (at > length) {
      if (left > 0 && part.mentioned === null) beginning.push({ ...part, text: part.text.slice(0, left) });
      break;
    }
    beginning.push(part);
  }
  return beginning;
};
