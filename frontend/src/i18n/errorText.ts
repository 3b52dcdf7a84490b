import type { TFunction } from 'i18next';
import { toApiError } from '../api/ApiError';

/** What happened and what to do, in the person's language. The server's own sentence is English and for developers. */
export const errorText = (t: TFunction, thrown: unknown): string => {
  const { code } = toApiError(thrown);
  if (code === 'NO_ANSWER' || code === 'ABORTED') return t('error.network');
  if (code === 'NOT_UNDERSTOOD') return t('error.INTERNAL');
  return t(`error.${code}`);
};
