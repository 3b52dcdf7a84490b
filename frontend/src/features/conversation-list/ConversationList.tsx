import { WifiOff } from 'lucide-react';
import { useMemo, useRef } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useMatch } from 'react-router';
import { errorText } from '../../i18n/errorText';
import { Button } from '../../ui/Button';
import { Notice } from '../../ui/Notice';
import { Skeleton } from '../../ui/Skeleton';
import { useGlide } from '../../ui/useGlide';
import { useOneStop } from '../../ui/useOneStop';
import { useAcquaintances } from '../people/useAcquaintances';
import { ConversationRow } from './ConversationRow';
import { FirstPeople, StillAlone } from './FirstPeople';
import { LeftBehindRows } from './LeftBehindRows';
import { RowSkeleton } from '../conversations/RowSkeleton';
import type { ConversationRow as Row } from '../conversations/conversationRows';
import { useConversations } from '../conversations/useConversations';
import { useLeftBehind } from './useLeftBehind';
import { useSteadyOrder } from './useSteadyOrder';

export function ConversationList() {
  const { t } = useTranslation();
  const { rows, state, error, hasMore, loadMore } = useConversations();
  const openConversation = useMatch('/c/:id')?.params.id;
  const openPerson = useMatch('/u/:id')?.params.id;
  const openRoom = useMatch('/open/:slug')?.params.slug;
  const steady = useSteadyOrder(rows);
  const left = useLeftBehind();
  const list = useRef<HTMLUListElement>(null);
  useGlide(list);
  useAcquaintances(usePreviewed(rows));
  const isOpen = ({ id, peer, conversation }: Row): boolean =>
    id === openConversation ||
    (peer !== null && peer._id === openPerson) ||
    (openRoom !== undefined && conversation.slug === openRoom);
  const stops = useOneStop(
    steady.rows.map(({ id }) => id),
    { first: rows.find(isOpen)?.id },
  );

  if (rows.length === 0 && left.length === 0) {
    if (state === 'loading')
      return (
        <Skeleton label={t('rail.loading')}>
          <RowSkeleton count={8} />
        </Skeleton>
      );
    if (state === 'failed')
      return (
        <Notice alert icon={<WifiOff />} title={t('rail.failedTitle')} hint={errorText(t, error)}>
          <Button look="quiet" small onClick={loadMore}>
            {t('rail.retry')}
          </Button>
        </Notice>
      );
    return <FirstPeople />;
  }
  return (
    <nav aria-label={t('rail.conversations')}>
      <LeftBehindRows rows={left} openLane={openConversation ?? openPerson ?? ''} />
      <ul ref={list} className="relative" {...stops.list} {...steady.hold}>
        {steady.rows.map((row) => (
          <li key={row.id} data-key={row.id}>
            <ConversationRow row={row} open={isOpen(row)} isStop={stops.stopOf(row.id).tabIndex === 0} />
          </li>
        ))}
      </ul>
      {hasMore && (
        <Button look="link" className="m-2" onClick={loadMore}>
          {t('rail.more')}
        </Button>
      )}
      {!hasMore && rows.every(isOfNobody) && <StillAlone />}
    </nav>
  );
}

const isOfNobody = ({ noteToSelf, conversation }: Row): boolean => noteToSelf || conversation.kind === 'room';

/** Who said the last thing in groups: not everybody in a group is told with it. */
const usePreviewed = (rows: readonly Row[]) =>
  useMemo(
    () =>
      rows.flatMap(({ conversation: { kind, lastMessage } }) =>
        kind === 'group' && lastMessage !== undefined ? [lastMessage.senderId] : [],
      ),
    [rows],
  );
