import { useTranslation } from '../../i18n/useTranslation';
import { useTimes } from '../../i18n/format';
import { useToday } from '../time/useToday';

/** A new day begins here. */
export function DaySeparator({ day }: { day: string }) {
  const times = useTimes();
  const today = useToday();
  return (
    <div role="separator" className="mx-auto flex max-w-240 items-center gap-3 px-4 pt-6 pb-1 wide:px-6">
      <span className="h-px flex-1 bg-hairline" />
      <span className="text-xs font-semibold text-muted">{times.day(day, today)}</span>
      <span className="h-px flex-1 bg-hairline" />
    </div>
  );
}

/** What is below was not read when the conversation was opened. */
export function UnreadDivider() {
  const { t } = useTranslation();
  return (
    <div
      role="separator"
      data-testid="unread-divider"
      className="mx-auto flex max-w-240 items-center gap-3 px-4 pt-4 pb-1 text-xs font-semibold text-persimmon-text wide:px-6"
    >
      <span className="h-px flex-1 bg-persimmon/45" />
      <span>{t('conversation.unreadDivider')}</span>
      <span className="h-px flex-1 bg-persimmon/45" />
    </div>
  );
}

/** Between what was said and the last of what is on its way: the rest of that. */
export function WaitingAbove({ count }: { count: number }) {
  const { t } = useTranslation();
  return (
    <p className="tabular mx-auto max-w-240 px-4 pt-4 pb-1 text-center text-xs text-muted wide:px-6">
      {t('conversation.waitingAbove', { count })}
    </p>
  );
}
