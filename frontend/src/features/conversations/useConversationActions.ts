import { Bell, BellOff, CheckCheck, CircleDot } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useComplain } from '../../i18n/useComplain';
import { useClient } from '../../socket/SocketContext';
import type { Action } from '../../ui/ActionMenu';
import type { Target } from './target';
import type { ConversationRow } from './useConversations';
import { useMarkUnread } from './useMarkUnread';
import { forGood, useMute } from './useMute';

const hourMs = 3_600_000;

/** What can be done with a conversation as a whole. */
export function useConversationActions(row: ConversationRow, target: Target, open: boolean): Action[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const complain = useComplain();
  const { account } = useClient();
  const markUnread = useMarkUnread(target);
  const { muted, mute, unmute } = useMute(target);
  const { unread, conversation } = row;

  const muteFor = (key: string, label: string, until: () => Date, apart = false): Action => ({
    key,
    Icon: BellOff,
    label,
    apart,
    run: () => void mute(until()).catch(complain),
  });
  const inHours = (hours: number) => () => new Date(Date.now() + hours * hourMs);

  const reading: Action =
    unread > 0
      ? {
          key: 'markRead',
          Icon: CheckCheck,
          label: t('row.markRead'),
          run: () => account()?.readings.seen(row.id, conversation.headSeq),
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
    ...(muted
      ? [
          {
            key: 'unmute',
            Icon: Bell,
            label: t('row.unmute'),
            apart: true,
            run: () => void unmute().catch(complain),
          },
        ]
      : [
          muteFor('mute1', t('row.muteFor', { count: 1 }), inHours(1), true),
          muteFor('mute8', t('row.muteFor', { count: 8 }), inHours(8)),
          muteFor('muteEver', t('row.muteEver'), () => forGood),
        ]),
  ];
}
