import type { Id, RoomPerson } from '@sori/contract';
import { useTranslation } from '../../i18n/useTranslation';
import { myId } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import { Avatar } from '../../ui/Avatar';
import { Skeleton } from '../../ui/Skeleton';
import { useOneStop } from '../../ui/useOneStop';
import { RowSkeleton } from '../conversations/RowSkeleton';
import { GuestBadge } from '../people/GuestBadge';
import { PersonTools } from './PersonTools';

/** Who is in the room now. */
export function HereList({ conversationId }: { conversationId: Id }) {
  const { t } = useTranslation();
  const me = useAppStore(myId);
  const here = useAppStore((state) => state.rooms[conversationId]?.here ?? null);
  const people = here === null ? [] : inOrder(here, me);
  // Oneself has nothing to press.
  const { list, stopOf } = useOneStop(people.flatMap(({ _id }) => (_id === me ? [] : [_id])));
  return (
    <section aria-label={t('room.hereTitle')}>
      <h2 className="flex h-15 items-center px-2 font-semibold">{t('room.hereTitle')}</h2>
      {here === null ? (
        <Skeleton label={t('room.hereLoading')}>
          <RowSkeleton count={3} />
        </Skeleton>
      ) : (
        <>
          <ul data-testid="room-here" {...list}>
            {people.map((person) => (
              <li
                key={person._id}
                data-testid="room-person"
                className="flex items-center gap-2.5 rounded-xl p-2"
              >
                <Face person={person} />
                <span className="min-w-0 flex-1">
                  <span className="flex items-center gap-1.5">
                    <bdi translate="no" className="truncate">
                      {person.name}
                    </bdi>
                    {person._id === me && (
                      <span className="shrink-0 text-sm text-muted">{`(${t('search.you')})`}</span>
                    )}
                    {person.guest && <GuestBadge />}
                  </span>
                </span>
                {person._id !== me && (
                  <PersonTools conversationId={conversationId} person={person} stop={stopOf(person._id)} />
                )}
              </li>
            ))}
          </ul>
          {here.every(({ _id }) => _id === me) && (
            <p className="px-2 pt-1 text-sm text-muted">{t('room.hereAlone')}</p>
          )}
        </>
      )}
    </section>
  );
}

/** Oneself first, the others in the order in which they came. */
const inOrder = (here: readonly RoomPerson[], me: Id): RoomPerson[] =>
  [...here].sort((one, other) => Number(other._id === me) - Number(one._id === me));

function Face({ person: { _id, name } }: { person: RoomPerson }) {
  const src = useAppStore((state) => state.people[_id]?.profilePic ?? null);
  return <Avatar name={name} src={src} className="size-8" />;
}
