import { useEffect } from 'react';
import { toast } from 'sonner';
import { useTranslation } from '../../i18n/useTranslation';
import { useAppStore } from '../../session/useAppStore';
import { Button } from '../../ui/Button';

/** The server no longer serves this page, and it could not be loaded anew by itself: the person decides when. */
export function OutdatedStrip() {
  const { t } = useTranslation();
  const release = useAppStore((state) => state.release);
  const wouldLose = useAppStore(({ unkept }) => unkept.size > 0);
  useEffect(() => {
    if (release === 'updated') toast(t('connection.updated'), { id: 'updated' });
  }, [release, t]);
  if (release !== 'outdated') return null;
  return (
    <div
      data-testid="outdated"
      role="status"
      className="flex shrink-0 flex-wrap items-center justify-center gap-x-3 bg-sunken px-4 py-1.5 text-center text-sm font-medium"
    >
      <span>{t('connection.outdated')}</span>
      {wouldLose && <span className="font-normal">{t('connection.outdatedUnkept')}</span>}
      <Button look="link" onClick={() => window.location.reload()}>
        {t('connection.reload')}
      </Button>
    </div>
  );
}
