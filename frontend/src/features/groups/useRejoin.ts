import { toApiError } from '@sori/client';
import type { Id } from '@sori/contract';
import { useState } from 'react';
import { toast } from 'sonner';
import { useComplain } from '../../i18n/useComplain';
import { useTranslation } from '../../i18n/useTranslation';
import { useClient } from '../../session/SocketContext';

/** Back into a group that one left. Whether one may is for the server to say: it does not tell strangers what there is. */
export function useRejoin(): { rejoin: (groupId: Id) => Promise<boolean>; isOnTheWay: boolean } {
  const { t } = useTranslation();
  const { api, account } = useClient();
  const complain = useComplain();
  const [isOnTheWay, setOnTheWay] = useState(false);
  return {
    isOnTheWay,
    rejoin: async (groupId) => {
      setOnTheWay(true);
      try {
        const conversation = await api.rejoinGroup(groupId);
        account()?.conversationReceived(conversation);
        // What was asked of it before was refused.
        account()?.history.show(groupId);
        return true;
      } catch (thrown) {
        const { code } = toApiError(thrown);
        if (code === 'NOT_FOUND' || code === 'FORBIDDEN') toast.error(t('group.rejoinRefused'));
        else complain(thrown);
        return false;
      } finally {
        setOnTheWay(false);
      }
    },
  };
}
