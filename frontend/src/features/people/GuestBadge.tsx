import { useTranslation } from '../../i18n/useTranslation';

/** Beside the name of somebody who has no account: anybody may have taken that name. */
export function GuestBadge() {
  const { t } = useTranslation();
  return (
    <span className="shrink-0 rounded-full bg-sunken px-1.5 py-px text-xs font-medium text-muted">
      {t('room.guest')}
    </span>
  );
}
