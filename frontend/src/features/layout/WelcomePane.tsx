import { useTranslation } from '../../i18n/useTranslation';
import { useAppStore } from '../../session/useAppStore';
import { Mark } from '../../ui/Mark';

/** Beside the list while no conversation is open. Narrow screens show the list alone. */
export function WelcomePane() {
  const { t } = useTranslation();
  const isFirst = useAppStore(
    ({ list, conversations }) => list.state === 'ready' && Object.keys(conversations).length === 0,
  );
  return (
    <main className="grid h-full place-items-center">
      <div className="grid justify-items-center px-6 pb-12 text-center">
        <Mark className="mb-5 size-14 text-hairline" />
        <h1 className="text-lg font-semibold">{t(isFirst ? 'welcome.firstTitle' : 'welcome.title')}</h1>
        <p className="mt-1 text-muted">{t(isFirst ? 'welcome.firstHint' : 'welcome.hint')}</p>
      </div>
    </main>
  );
}
