import { useTranslation } from '../../i18n/useTranslation';
import { Mark } from '../../ui/Mark';
import { useLate } from '../../ui/useLate';

/** Before it is known who is here. Mostly too short to be seen. */
export function Splash() {
  const { t } = useTranslation();
  const late = useLate(150);
  return (
    <div role="status" className="grid h-full place-items-center">
      {late && (
        <>
          <Mark className="size-12 animate-breathe text-jjok" />
          <span className="sr-only">{t('session.starting')}</span>
        </>
      )}
    </div>
  );
}
