import type { TFunction } from 'i18next';

/** How many were found: so many, or with more to come so many at least. */
export const foundText = (t: TFunction, count: number, hasMore: boolean): string =>
  hasMore ? t('search.foundMore', { count }) : t('search.found', { count });
