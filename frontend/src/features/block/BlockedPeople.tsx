import type { Person } from '@sori/contract';
import { useEffect, useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useComplain } from '../../i18n/useComplain';
import { useClient } from '../../session/SocketContext';
import { useAppStore } from '../../session/useAppStore';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { useOneStop, type Stop } from '../../ui/useOneStop';
import { useBlock } from './useBlock';

/** Whom one has blocked, and the way to end it. */
export function BlockedPeople() {
  const { t } = useTranslation();
  const { api } = useClient();
  const blocked = useAppStore((state) => state.blocked);
  const [people, setPeople] = useState<readonly Person[] | null>(null);
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    let wanted = true;
    api.blocks().then(
      (listed) => {
        if (wanted) setPeople(listed);
      },
      () => {
        if (wanted) setFailed(true);
      },
    );
    return () => {
      wanted = false;
    };
    // Again whenever somebody is blocked or not any more: the names of the new ones are the server's to tell.
  }, [api, blocked]);

  const shown = (people ?? []).filter(({ _id }) => blocked.has(_id));
  const { list, stopOf } = useOneStop(shown.map(({ _id }) => _id));
  return (
    <section data-testid="blocked-people" aria-label={t('block.listTitle')}>
      <h3 className="font-semibold">{t('block.listTitle')}</h3>
      <p className="mt-0.5 text-sm text-muted">
        {t(
          failed
            ? 'block.listFailed'
            : people !== null && shown.length === 0
              ? 'block.listEmpty'
              : 'block.listHint',
        )}
      </p>
      {shown.length > 0 && (
        <ul className="mt-2 max-h-48 overflow-y-auto" {...list}>
          {shown.map((person) => (
            <Row key={person._id} person={person} stop={stopOf(person._id)} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ person, stop }: { person: Person; stop: Stop }) {
  const { t } = useTranslation();
  const complain = useComplain();
  const { unblock } = useBlock({ _id: person._id, name: person.fullName });
  return (
    <li className="flex items-center gap-2.5 py-1">
      <Avatar name={person.fullName} src={person.profilePic} className="size-8" />
      <span className="min-w-0 flex-1 truncate">
        <bdi translate="no">{person.fullName}</bdi>
      </span>
      <Button
        {...stop}
        look="quiet"
        small
        aria-label={t('block.unblockName', { name: person.fullName })}
        onClick={() => void unblock().catch(complain)}
      >
        {t('block.unblock')}
      </Button>
    </li>
  );
}
