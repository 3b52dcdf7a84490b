import { MessagesSquare, UserRoundPlus } from 'lucide-react';
import { useTranslation } from '../../i18n/useTranslation';
import { Notice } from '../../ui/Notice';
import { Skeleton } from '../../ui/Skeleton';
import { useOneStop } from '../../ui/useOneStop';
import { PersonRow } from '../people/PersonRow';
import { usePeopleSearch } from '../people/usePeopleSearch';
import { useSession } from '../session/useSession';
import { FirstSteps } from './FirstSteps';
import { RowSkeleton } from '../conversations/RowSkeleton';

/** More would be a list to scroll: then one looks for somebody. */
const shown = 20;

const useOthers = () => {
  const { me } = useSession();
  const { people, state, hasMore } = usePeopleSearch('');
  return { others: people.filter(({ _id }) => _id !== me?._id), state, hasMore };
};

/** Nothing was said yet: the people who are here, so that the first step is one click; alone, what else there is to do. */
export function FirstPeople() {
  const { t } = useTranslation();
  const { others, state, hasMore } = useOthers();
  const first = others.slice(0, shown);
  const { list, stopOf } = useOneStop(first.map(({ _id }) => _id));
  if (state === 'loading' || state === 'idle')
    return (
      <Skeleton label={t('rail.loading')}>
        <RowSkeleton count={6} />
      </Skeleton>
    );
  if (others.length === 0)
    return (
      <>
        <Notice
          icon={<UserRoundPlus className="size-6" />}
          title={t('rail.nobodyTitle')}
          hint={t('rail.nobodyHint')}
        />
        <FirstSteps />
      </>
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
        <ul {...list}>
          {first.map((person) => (
            <li key={person._id}>
              <PersonRow person={person} stop={stopOf(person._id)} />
            </li>
          ))}
        </ul>
        {(hasMore || others.length > shown) && (
          <p className="px-2 pt-2 text-sm text-muted">{t('search.noneHint')}</p>
        )}
      </section>
    </>
  );
}

/** Below notes to oneself and open rooms: as long as nobody else has signed up, the way to bring them in stays. */
export function StillAlone() {
  const { others, state } = useOthers();
  return state === 'ready' && others.length === 0 ? <FirstSteps /> : null;
}
