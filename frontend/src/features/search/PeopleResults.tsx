import type { Person } from '@sori/contract';
import { SearchX, WifiOff } from 'lucide-react';
import { useEffect, useId, useMemo, useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useNavigate } from 'react-router';
import { errorText } from '../../i18n/errorText';
import { Button } from '../../ui/Button';
import { Notice } from '../../ui/Notice';
import { Skeleton } from '../../ui/Skeleton';
import { useOneStop } from '../../ui/useOneStop';
import { ConversationRow } from '../conversation-list/ConversationRow';
import { RowSkeleton } from '../conversations/RowSkeleton';
import { useConversations } from '../conversations/useConversations';
import { useSession } from '../session/useSession';
import { foundText } from '../people/foundText';
import { ownMatches } from './ownMatches';
import { PersonRow, PersonShadow } from '../people/PersonRow';
import { usePeopleSearch } from '../people/usePeopleSearch';

/** Of one's own groups; who looks for more of them types more. */
const ownShown = 20;

type Props = {
  query: string;
  openFirst: boolean;
  onOpen: () => void;
};

/** Who was found, oneself and the own groups and rooms among them. While the next answer is on its way the last one stays as a shadow, which nobody can click by mistake. */
export function PeopleResults({ query, openFirst, onOpen }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { people, state, error, hasMore, loadMore } = usePeopleSearch(query.trim());
  const ownTitle = useId();
  const [shadow, setShadow] = useState<readonly Person[]>([]);
  if (state === 'ready' && shadow !== people) setShadow(people);

  const { me } = useSession();
  const { rows } = useConversations();
  const own = useMemo(() => ownMatches(query, me, rows), [query, me, rows]);
  const found = own.me === null ? people : [...people.filter(({ _id }) => _id !== own.me?._id), own.me];

  const groups = own.groups.slice(0, ownShown);
  const { list, stopOf } = useOneStop([...found.map(({ _id }) => _id), ...groups.map(({ id }) => id)]);

  const [group] = groups;
  const firstPath =
    found[0] !== undefined ? `/u/${found[0]._id}` : group !== undefined ? `/c/${group.id}` : null;
  const first = state === 'ready' ? firstPath : null;
  useEffect(() => {
    if (!openFirst || first === null) return;
    void navigate(first, { state: { fromList: true } });
    onOpen();
  }, [openFirst, first, navigate, onOpen]);

  if (state === 'failed')
    return <Notice alert icon={<WifiOff />} title={t('search.failed')} hint={errorText(t, error)} />;
  if (state !== 'ready')
    return shadow.length > 0 ? (
      <div aria-hidden="true" className="pt-6.5">
        {shadow.map((person) => (
          <PersonShadow key={person._id} person={person} />
        ))}
      </div>
    ) : (
      <Skeleton label={t('search.loading')}>
        <RowSkeleton count={4} />
      </Skeleton>
    );
  if (found.length === 0 && groups.length === 0)
    return <Notice icon={<SearchX />} title={t('search.none', { query })} hint={t('search.noneHint')} />;
  return (
    <div {...list}>
      {found.length > 0 && (
        <section aria-label={t('search.results')}>
          <p role="status" className="px-2 pt-1 pb-1.5 text-xs font-semibold text-muted">
            {foundText(t, found.length, hasMore)}
          </p>
          <ul>
            {found.map((person) => (
              <li key={person._id}>
                <PersonRow person={person} stop={stopOf(person._id)} onOpen={onOpen} />
              </li>
            ))}
          </ul>
          {hasMore && (
            <Button look="link" className="m-2" onClick={loadMore}>
              {t('search.more')}
            </Button>
          )}
        </section>
      )}
      {groups.length > 0 && (
        <section aria-labelledby={ownTitle}>
          <h2 id={ownTitle} className="px-2 pt-2 pb-1.5 text-xs font-semibold text-muted">
            {t('search.own')}
          </h2>
          <ul>
            {groups.map((row) => (
              <li key={row.id}>
                <ConversationRow
                  row={row}
                  open={false}
                  isStop={stopOf(row.id).tabIndex === 0}
                  onOpen={onOpen}
                />
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
