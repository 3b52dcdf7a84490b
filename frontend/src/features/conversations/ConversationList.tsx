import { MessagesSquare, UserRoundPlus, WifiOff } from 'lucide-react';
import { useMemo, useRef, type KeyboardEvent } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useMatch } from 'react-router';
import { errorText } from '../../i18n/errorText';
import { Button } from '../../ui/Button';
import { Notice } from '../../ui/Notice';
import { Skeleton } from '../../ui/Skeleton';
import { useGlide } from '../../ui/useGlide';
import { useAcquaintances } from '../people/useAcquaintances';
import { PersonRow } from '../people/PersonRow';
import { usePeopleSearch } from '../people/usePeopleSearch';
import { useSession } from '../session/useSession';
import { ConversationRow } from './ConversationRow';
import { RowBones } from './RowBones';
import type { ConversationRow as Row } from './conversationRows';
import { useConversations } from './useConversations';
import { useSteadyOrder } from './useSteadyOrder';

export function ConversationList() {
  const { t } = useTranslation();
  const { rows, state, error, hasMore, loadMore } = useConversations();
  const openConversation = useMatch('/c/:id')?.params.id;
  const openPerson = useMatch('/u/:id')?.params.id;
  const openRoom = useMatch('/open/:slug')?.params.slug;
  const steady = useSteadyOrder(rows);
  const list = useRef<HTMLUListElement>(null);
  useGlide(list);
  useAcquaintances(usePreviewed(rows));

  if (rows.length === 0) {
    if (state === 'loading')
      return (
        <Skeleton label={t('rail.loading')}>
          <RowBones count={8} />
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
      <ul ref={list} className="relative" onKeyDown={moveFocus} {...steady.hold}>
        {steady.rows.map((row) => (
          <li key={row.id} data-key={row.id}>
            <ConversationRow
              row={row}
              open={
                row.id === openConversation ||
                (row.peer !== null && row.peer._id === openPerson) ||
                (openRoom !== undefined && row.conversation.slug === openRoom)
              }
            />
          </li>
        ))}
      </ul>
      {hasMore && (
        <Button look="link" className="m-2" onClick={loadMore}>
          {t('rail.more')}
        </Button>
      )}
    </nav>
  );
}

/** Who said the last thing in groups: not everybody in a group is told with it. */
const usePreviewed = (rows: readonly Row[]) =>
  useMemo(
    () =>
      rows.flatMap(({ conversation: { kind, lastMessage } }) =>
        kind === 'group' && lastMessage !== undefined ? [lastMessage.senderId] : [],
      ),
    [rows],
  );

/** Arrow keys go from row to row. */
const moveFocus = (event: KeyboardEvent<HTMLElement>) => {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('a')];
  const here = rows.indexOf(document.activeElement as HTMLElement);
  const next = rows[here + (event.key === 'ArrowDown' ? 1 : -1)];
  if (here < 0 || next === undefined) return;
  event.preventDefault();
  next.focus();
};

/** Nothing was said yet: the people who are here, so that the first step is one click. */
function FirstPeople() {
  const { t } = useTranslation();
  const { me } = useSession();
  const { people, state, hasMore } = usePeopleSearch('');
  const others = people.filter(({ _id }) => _id !== me?._id);
  if (state === 'loading' || state === 'idle')
    return (
      <Skeleton label={t('rail.loading')}>
        <RowBones count={6} />
      </Skeleton>
    );
  if (others.length === 0)
    return (
      <Notice
        icon={<UserRoundPlus className="size-6" />}
        title={t('rail.nobodyTitle')}
        hint={t('rail.nobodyHint')}
      />
    );
  return (
    <>
      <Notice
        icon={<MessagesSquare className="size-6" />}
        title={t('rail.emptyTitle')}
        hint={t('rail.emptyHint')}
      />
      <section aria-label={t('rail.peopleHere')}>
        <h2 className="px-2 pb-1.5 text-xs font-semibold text-muted">{t('rail.peopleHere')}</h2>
        <ul onKeyDown={moveFocus}>
          {others.slice(0, 20).map((person) => (
            <li key={person._id}>
              <PersonRow person={person} />
            </li>
          ))}
        </ul>
        {(hasMore || others.length > 20) && (
          <p className="px-2 pt-2 text-sm text-muted">{t('search.noneHint')}</p>
        )}
      </section>
    </>
  );
}
