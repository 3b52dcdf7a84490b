import { CheckCheck, CircleDot } from 'lucide-react';
import { useTranslation } from '../../i18n/useTranslation';
import { useNavigate } from 'react-router';
import { useComplain } from '../../i18n/useComplain';
import { useClient } from '../../session/SocketContext';
import type { Action } from '../../ui/ActionMenu';
import type { Target } from './target';
import type { ConversationRow } from './conversationRows';
import { useMarkUnread } from './useMarkUnread';
import { useMuteActions } from './useMuteActions';

/** What can be done with a conversation as a whole. */
export function useConversationActions(row: ConversationRow, target: Target, open: boolean): Action[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const complain = useComplain();
  const { account } = useClient();
  const markUnread = useMarkUnread(target);
  const muting = useMuteActions(target);
  const { unread, conversation } = row;

  const reading: Action =
    unread > 0
      ? {
          key: 'markRead',
          Icon: CheckCheck,
          label: t('row.markRead'),
          run: () => account()?.readings.readAll(row.id),
        }
      : {
          key: 'markUnread',
          Icon: CircleDot,
          label: t('row.markUnread'),
          run: () => {
            // Away from it first: what is on screen is read.
            if (open) void navigate('/');
            markUnread().catch(complain);
          },
        };
  return [
    ...(conversation.lastMessage === undefined || row.noteToSelf ? [] : [reading]),
    ...muting.map((action, index) => ({ ...action, apart: index === 0 })),
  ];
}
