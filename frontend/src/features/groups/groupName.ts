import { codePoints, isVisibleName, limits } from '@sori/contract';
import type { TFunction } from 'i18next';

/** What is wrong with a name of a group, as a sentence, by the server's own rules. Undefined: nothing. */
export const nameFault = (t: TFunction, name: string): string | undefined => {
  const trimmed = name.trim();
  if (trimmed === '') return t('group.nameRequired');
  if (codePoints(trimmed) > limits.conversationNameMax)
    return t('group.nameLong', { max: limits.conversationNameMax });
  return isVisibleName(trimmed) ? undefined : t('group.nameVisible');
};
