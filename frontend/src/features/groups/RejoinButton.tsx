import type { Id } from '@sori/contract';
import { useTranslation } from '../../i18n/useTranslation';
import { Button } from '../../ui/Button';
import { useRejoin } from './useRejoin';

export function RejoinButton({ groupId }: { groupId: Id }) {
  const { t } = useTranslation();
  const { rejoin, isOnTheWay } = useRejoin();
  return (
    <Button disabled={isOnTheWay} onClick={() => void rejoin(groupId)}>
      {t('group.rejoin')}
    </Button>
  );
}
