import type { ApiError } from '@sori/client';
import type { TFunction } from 'i18next';
import { errorText } from '../../i18n/errorText';

const reasonOf = (details: unknown): unknown => (details as { reason?: unknown } | null | undefined)?.reason;

/** Why a message with files did not get out. */
export const fileErrorText = (t: TFunction, error: ApiError): string => {
  if (reasonOf(error.details) === 'fileGone') return t('files.notHere');
  if (error.code === 'TOO_LARGE') return t('files.refusedSize');
  if (error.code === 'INVALID') return t('files.refused');
  return errorText(t, error);
};
