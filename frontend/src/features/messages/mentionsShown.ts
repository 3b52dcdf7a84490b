import { createContext, useContext } from 'react';
import type { Id } from '@sori/contract';
import { mentionsIn, type Mentionable } from '../../store/mentions';
import { findLinks, type Stretch } from './links';

/** A stretch of a message: plain, an address, or somebody's user name with its `@`. */
export type Part = Stretch & { mentioned: Id | null };

export const MentionableContext = createContext<Mentionable>(new Map());
export const useMentionable = (): Mentionable => useContext(MentionableContext);

/** Joined again, the texts are exactly what was typed. */
export const partsOf = (text: string, mentionable: Mentionable): Part[] =>
  findLinks(text).flatMap((stretch): Part[] => {
    if (stretch.href !== null) return [{ ...stretch, mentioned: null }];
    const parts: Part[] = [];
    let from = 0;
    for (const { start, end, userId } of mentionsIn(stretch.text, mentionable)) {
      if (start > from) parts.push({ text: stretch.text.slice(from, start), href: null, mentioned: null });
      parts.push({ text: stretch.text.slice(start, end), href: null, mentioned: userId });
      from = end;
    }
    if (from < stretch.text.length)
      parts.push({ text: stretch.text.slice(from), href: null, mentioned: null });
    return parts;
  });
