import { initialOf, isInitial, isSyllable, searchForm } from '@sori/contract';

const matches = (typed: string, there: string, isLast: boolean): boolean => {
  if (typed === there) return true;
  if (!isSyllable(there)) return false;
  if (isInitial(typed)) return initialOf(there) === typed;
  // 민 passes through 미 while it is typed.
  return isLast && isSyllable(typed) && there.normalize('NFD').startsWith(typed.normalize('NFD'));
};

const folded = (text: string): string[] => Array.from(searchForm(text));

/**
 * Whether a name has this in it, also while its last syllable is still being typed; a consonant stands for every
 * syllable that begins with it. Gives where, in letters that count, so that those who begin with it can come first; -1 for nowhere.
 */
export const foundAt = (name: string, query: string): number => {
  const there = folded(name);
  const typed = folded(query);
  for (let from = 0; from + typed.length <= there.length; from += 1)
    if (
      typed.every((character, index) =>
        matches(character, there[from + index] ?? '', index === typed.length - 1),
      )
    )
      return from;
  return -1;
};
