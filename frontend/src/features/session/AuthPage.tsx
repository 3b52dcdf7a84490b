import type { ReactNode } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { chooseLanguage, currentLanguage, languageNames, languages } from '../../i18n';
import { Mark } from '../../ui/Mark';
import { classes } from '../../ui/classes';

type Props = { welcome: string; children: ReactNode; below: ReactNode };

/** What log-in and sign-up have around them. */
export function AuthPage({ welcome, children, below }: Props) {
  return (
    <AuthFrame below={below}>
      <h1 className="mb-6 text-xl font-bold tracking-tight">{welcome}</h1>
      {children}
    </AuthFrame>
  );
}

/** The card in the middle of a page for people who are not signed in, and whose house this is. */
export function AuthFrame({ children, below }: Omit<Props, 'welcome'>) {
  const { t } = useTranslation();
  return (
    <div className="h-full overflow-y-auto bg-rail">
      <div className="mx-auto flex min-h-full max-w-105 flex-col px-5 py-6">
        <header>
          <LanguageSwitch />
        </header>
        <main className="my-auto py-8">
          <div className="mb-8 flex items-center gap-3">
            <Mark className="size-11 text-jjok" />
            <div>
              <p className="text-xl leading-none font-bold tracking-tight">{t('app.name')}</p>
              <p className="mt-1.5 text-sm text-muted">{t('app.tagline')}</p>
            </div>
          </div>
          <div className="rounded-3xl border border-hairline bg-raised p-6 wide:p-8">
            {!navigator.cookieEnabled && (
              <p role="note" className="mb-4 rounded-xl bg-sunken px-3.5 py-2.5 text-sm">
                {t('session.noCookies')}
              </p>
            )}
            {children}
          </div>
          <p className="mt-6 text-center text-muted">{below}</p>
        </main>
      </div>
    </div>
  );
}

function LanguageSwitch() {
  const { t } = useTranslation();
  return (
    <div role="group" aria-label={t('session.language')} className="flex justify-end gap-1">
      {languages.map((language) => (
        <button
          key={language}
          type="button"
          lang={language}
          aria-pressed={currentLanguage() === language}
          onClick={() => chooseLanguage(language)}
          className={classes(
            'h-9 rounded-full px-3 text-sm transition-colors max-wide:h-11',
            currentLanguage() === language ? 'font-semibold text-ink' : 'text-muted hover:text-ink',
          )}
        >
          {languageNames[language]}
        </button>
      ))}
    </div>
  );
}
