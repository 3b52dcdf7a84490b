import { toApiError } from '@sori/client';
import { refusalReasonOf } from '@sori/contract';
import type { TFunction } from 'i18next';

/**
 * What happened and what to do, in the person's language. The server's own sentence is English: it is shown where a rule
 * said no that this page has no words for, or for another reason that it does not know, since then it alone says why.
 */
export const errorText = (t: TFunction, thrown: unknown): string => {
  const { code, details, message } = toApiError(thrown);
  if (code === 'NO_ANSWER' || code === 'ABORTED') return t('error.network');
  if (code === 'NOT_UNDERSTOOD') return t('error.INTERNAL');
  if (code !== 'REFUSED' && code !== 'NEWER') return t(`error.${code}`);
  const reason = refusalReasonOf(details);
  if (reason !== undefined) return t(`refused.${reason}`);
  return message === '' ? t('error.REFUSED') : message;
};
