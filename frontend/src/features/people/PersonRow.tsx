import type { Person } from '@sori/contract';
import type { ReactNode } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { Link } from 'react-router';
import { Avatar } from '../../ui/Avatar';
import type { Stop } from '../../ui/useOneStop';
import { useSession } from '../session/useSession';
import { PresenceDot } from './PresenceDot';

const row = 'flex items-center gap-3 rounded-xl px-2 py-2';

type Props = { person: Person; stop: Stop; onOpen?: () => void };

/** Somebody one may write to. */
export function PersonRow({ person, stop, onOpen }: Props) {
  return (
    <Link
      {...stop}
      to={`/u/${person._id}`}
      state={{ fromList: true }}
      onClick={onOpen}
      data-testid="person-row"
      data-user-id={person._id}
      className={`${row} transition-colors hover:bg-hover active:bg-press`}
    >
      <Looks person={person} dot={<PresenceDot userId={person._id} surface="ring-rail" />} />
    </Link>
  );
}

/** The same to look at, with nothing to click. */
export function PersonShadow({ person }: { person: Person }) {
  return (
    <div className={`${row} opacity-45`}>
      <Looks person={person} dot={null} />
    </div>
  );
}

function Looks({ person, dot }: { person: Person; dot: ReactNode }) {
  const { t } = useTranslation();
  const { me } = useSession();
  return (
    <>
      <span className="relative shrink-0">
        <Avatar name={person.fullName} src={person.profilePic} className="size-10" />
        {dot}
      </span>
      <span className="min-w-0">
        <span className="block truncate font-semibold">
          <bdi translate="no">{person.fullName}</bdi>
          {person._id === me?._id && (
            <span className="font-normal text-muted">{` (${t('search.you')})`}</span>
          )}
        </span>
        <span className="block truncate text-sm text-muted">
          <bdi translate="no">{`@${person.username}`}</bdi>
        </span>
      </span>
    </>
  );
}
