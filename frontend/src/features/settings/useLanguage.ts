import { useEffect } from 'react';
import { addressAsksForLanguage, chooseLanguage, currentLanguage, type Language } from '../../i18n';
import { useAppStore } from '../../session/useAppStore';
import { useSettings } from './useSettings';

/** The page's language, and the way to another one: here at once, on this person's other devices when they hear of it. */
export function useLanguage(): { language: Language; speak: (language: Language) => void } {
  const { change } = useSettings();
  return {
    language: currentLanguage(),
    speak: (language) => {
      chooseLanguage(language);
      // That the other devices follow can wait for the connection, and for another time.
      change({ language }).catch(() => undefined);
    },
  };
}

/** Speaks what the account speaks, unless the address asks for something else. */
export function useAccountLanguage(): void {
  const chosen = useAppStore((state) => state.settings?.language ?? null);
  useEffect(() => {
    if (chosen !== null && chosen !== currentLanguage() && !addressAsksForLanguage()) chooseLanguage(chosen);
  }, [chosen]);
}
