import i18next, { type i18n as Translations } from 'i18next';
import { deviceTexts, tabTexts } from '../device/keptTexts';
import { en } from './en';
import { isolate } from './isolate';
import { ko } from './ko';
import { particleFor, particles } from './particles';

export const languages = ['ko', 'en'] as const;
export type Language = (typeof languages)[number];
/** In its own language, whatever the page speaks: who is lost must find the way back. */
export const languageNames: Record<Language, string> = { ko: '한국어', en: 'English' };

const isLanguage = (value: unknown): value is Language => value === 'ko' || value === 'en';
const storageKey = 'sori:language';

/**
 * The address decides (and is remembered for this tab, since the next page's address does not say it again), then what
 * was chosen here before, then the browser's own preference; else English.
 */
export const initialLanguage = (
  query: string,
  chosen: string | null,
  preferred: readonly string[],
): Language => {
  const asked = new URLSearchParams(query).get('lang');
  if (isLanguage(asked)) return asked;
  if (isLanguage(chosen)) return chosen;
  return preferred.map((tag) => tag.toLowerCase().split('-')[0]).find(isLanguage) ?? 'en';
};

export const i18n: Translations = i18next.createInstance();

export const startTranslations = (language: Language): void => {
  // With the strings in the bundle there is nothing to wait for: initAsync false makes the first paint speak.
  void i18n.init({
    lng: language,
    fallbackLng: 'en',
    supportedLngs: languages,
    resources: { en: { translation: en }, ko: { translation: ko } },
    // React escapes; what is done to each value here is to keep it from turning its sentence around.
    interpolation: { escapeValue: true, escape: isolate },
    initAsync: false,
  });
  for (const particle of particles)
    i18n.services.formatter?.add(particle, (word: unknown) => particleFor(String(word), particle));
  document.documentElement.lang = language;
};

export const currentLanguage = (): Language => (isLanguage(i18n.language) ? i18n.language : 'en');

/** Switches at once, without a reload, and remembers it for this browser. */
export const chooseLanguage = (language: Language): void => {
  deviceTexts.write(storageKey, language);
  tabTexts.remove(storageKey);
  document.documentElement.lang = language;
  void i18n.changeLanguage(language);
};

/** Whether this tab was opened with a language in its address, and nobody has chosen another one since. */
export const addressAsksForLanguage = (): boolean => tabTexts.read(storageKey) !== null;

export const languageOfThisVisit = (): Language => {
  const asked = new URLSearchParams(window.location.search).get('lang');
  if (isLanguage(asked)) tabTexts.write(storageKey, asked);
  return initialLanguage(
    window.location.search,
    tabTexts.read(storageKey) ?? deviceTexts.read(storageKey),
    navigator.languages,
  );
};
