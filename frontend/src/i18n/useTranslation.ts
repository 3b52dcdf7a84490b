import type { TFunction } from 'i18next';
import { useSyncExternalStore } from 'react';
import { i18n } from '.';

export type Translation = { t: TFunction; language: string };

const translations = new Map<string, Translation>();

/** The same object for the same language: what was made with its `t` need not be made again. */
const current = (): Translation => {
  const { language } = i18n;
  let translation = translations.get(language);
  if (translation === undefined) {
    translation = { t: i18n.getFixedT(language), language };
    translations.set(language, translation);
  }
  return translation;
};

const subscribe = (changed: () => void) => {
  i18n.on('languageChanged', changed);
  return () => i18n.off('languageChanged', changed);
};

/**
 * What the page says, in its language. Instead of the hook of react-i18next, which also waits for strings and copies the
 * whole instance for each component: of what it took to open a conversation that was a fifth.
 */
export const useTranslation = (): Translation => useSyncExternalStore(subscribe, current);
