import type { MuteBody } from '@sori/contract';
import { Bell, BellOff } from 'lucide-react';
import { useTranslation } from '../../i18n/useTranslation';
import { useComplain } from '../../i18n/useComplain';
import type { Action } from '../../ui/ActionMenu';
import type { Target } from './target';
import { forGood, useMute } from './useMute';

const weekHours = 7 * 24;

/** For how long a conversation can be muted, or the way back. */
export function useMuteActions(target: Target): Action[] {
  const { t } = useTranslation();
  const complain = useComplain();
  const { muted, mute, unmute } = useMute(target);

  const muteFor = (key: string, label: string, how: MuteBody): Action => ({
    key,
    Icon: BellOff,
    label,
    run: () => void mute(how).catch(complain),
  });
  // Counted by the server: this device's clock may be wrong.
  const hours = (count: number): MuteBody => ({ forSeconds: count * 3_600 });
  if (muted)
    return [{ key: 'unmute', Icon: Bell, label: t('row.unmute'), run: () => void unmute().catch(complain) }];
  return [
    muteFor('mute1', t('row.muteFor', { count: 1 }), hours(1)),
    muteFor('mute8', t('row.muteFor', { count: 8 }), hours(8)),
    muteFor('muteWeek', t('row.muteWeek'), hours(weekHours)),
    muteFor('muteEver', t('row.muteEver'), { until: forGood }),
  ];
}
