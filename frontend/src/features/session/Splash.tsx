import { useTranslation } from '../../i18n/useTranslation';
import { useClient } from '../../session/SocketContext';
import { Button } from '../../ui/Button';
import { Mark } from '../../ui/Mark';
import { useLate } from '../../ui/useLate';

/** So long, in milliseconds, an answer is waited for without a word. */
const patienceMs = 4_000;

/** Before it is known who is here. Mostly too short to be seen; without a server it says so, since nothing else does. */
export function Splash() {
  const { t } = useTranslation();
  const { askAgain } = useClient();
  const late = useLate(150);
  const silent = useLate(patienceMs);
  return (
    <div className="grid h-full place-content-center justify-items-center gap-5 px-6 text-center">
      <div role="status" className="grid justify-items-center gap-4">
        {late && (
          <>
            <Mark className="size-12 animate-breathe text-jjok" />
            <span className="sr-only">{t('session.starting')}</span>
          </>
        )}
        {silent && <p className="text-muted">{t('session.noAnswer')}</p>}
      </div>
      {silent && (
        <Button look="quiet" small onClick={askAgain}>
          {t('session.retry')}
        </Button>
      )}
    </div>
  );
}
