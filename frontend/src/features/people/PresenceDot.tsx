import type { Id } from '@sori/contract';
import { useTranslation } from '../../i18n/useTranslation';
import { classes } from '../../ui/classes';
import { useOnline } from './useOnline';

/** Whether somebody is there: a dot for the eye, a word for the ear. Put it into something `relative`. */
export function PresenceDot({ userId, surface }: { userId: Id | null; surface: string }) {
  const { t } = useTranslation();
  const online = useOnline(userId);
  return (
    <span
      data-testid="presence-dot"
      data-online={online}
      className={classes(
        'absolute -right-px -bottom-px size-3 rounded-full ring-2 transition-colors',
        surface,
        online ? 'bg-present' : 'bg-outline/70',
      )}
    >
      <span className="sr-only">{t(online ? 'presence.online' : 'presence.offline')}</span>
    </span>
  );
}
