import type { Person } from '@sori/contract';
import { SearchX, WifiOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useNavigate } from 'react-router';
import { errorText } from '../../i18n/errorText';
import { Button } from '../../ui/Button';
import { Notice } from '../../ui/Notice';
import { Skeleton } from '../../ui/Skeleton';
import { useOneStop } from '../../ui/useOneStop';
import { RowBones } from '../conversations/RowBones';
import { PersonRow, PersonShadow } from './PersonRow';
import { usePeopleSearch } from './usePeopleSearch';

type Props = {
  query: string;
  openFirst: boolean;
  onOpen: () => void;
};

/** Who was found. While the next answer is on its way the last one stays as a shadow, which nobody can click by mistake. */
export function PeopleResults({ query, openFirst, onOpen }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { people, state, error, hasMore, loadMore } = usePeopleSearch(query.trim());
  const [shadow, setShadow] = useState<readonly Person[]>([]);
  if (state === 'ready' && shadow !== people) setShadow(people);

  const { list, stopOf } = useOneStop(people.map(({ _id }) => _id));
  const first = state === 'ready' ? people[0] : undefined;
  useEffect(() => {
    if (!openFirst || first === undefined) return;
    void navigate(`/u/${first._id}`, { state: { fromList: true } });
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
        <RowBones count={4} />
      </Skeleton>
    );
  if (people.length === 0)
    return <Notice icon={<SearchX />} title={t('search.none', { query })} hint={t('search.noneHint')} />;
  return (
    <section aria-label={t('search.results')}>
      <p role="status" className="px-2 pt-1 pb-1.5 text-xs font-semibold text-muted">
        {t('search.found', { count: people.length })}
      </p>
      <ul {...list}>
        {people.map((person) => (
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
  );
}
