import { Check, CheckCheck, CircleAlert, Clock3 } from 'lucide-react';
import { useTranslation } from '../../i18n/useTranslation';
import { Tooltip } from '../../ui/Tooltip';
import type { MessageStatus } from './threadRow';

const ticks = {
  sending: { Icon: Clock3, look: 'text-faint' },
  sent: { Icon: Check, look: 'text-faint' },
  delivered: { Icon: CheckCheck, look: 'text-faint' },
  read: { Icon: CheckCheck, look: 'text-jjok' },
  failed: { Icon: CircleAlert, look: 'text-persimmon' },
} as const;

/** How far one's own message came: a quiet sign, with the word on hover and for screen readers. */
export function StatusTick({ status }: { status: MessageStatus }) {
  const { t } = useTranslation();
  const { Icon, look } = ticks[status];
  return (
    <Tooltip text={t(`message.${status}`)}>
      <span role="img" aria-label={t(`message.${status}`)} className={look}>
        <Icon className="size-3.5" strokeWidth={2.25} aria-hidden="true" />
      </span>
    </Tooltip>
  );
}
