import type { AdminPerson } from '@sori/contract';
import { UserCheck } from 'lucide-react';
import { useCallback } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { toast } from 'sonner';
import { useTimes } from '../../i18n/format';
import { useComplain } from '../../i18n/useComplain';
import { useClient } from '../../session/SocketContext';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { ListStates } from './ListStates';
import { useList } from './useList';

/** Who cannot log in, until an admin lifts it. */
export function Suspended() {
  const { t } = useTranslation();
  const { api } = useClient();
  const fetch = useCallback<Parameters<typeof useList<AdminPerson>>[0]>(
    (page, signal) => api.suspended(page, signal),
    [api],
  );
  const list = useList(fetch);
  return (
    <ListStates
      list={list}
      icon={<UserCheck className="size-6" />}
      emptyTitle={t('admin.noSuspendedTitle')}
      emptyHint={t('admin.noSuspendedHint')}
    >
      {(person) => <Row person={person} onLifted={list.reload} />}
    </ListStates>
  );
}

function Row({ person, onLifted }: { person: AdminPerson; onLifted: () => void }) {
  const { t } = useTranslation();
  const times = useTimes();
  const complain = useComplain();
  const { api } = useClient();
  const name = person.fullName;
  const lift = async () => {
    await api.liftSuspension(person._id);
    toast(t('admin.lifted', { name }));
    onLifted();
  };
  return (
    <div data-testid="suspended-person" className="flex items-center gap-3 py-2.5">
      <Avatar name={name} src={person.profilePic} className="size-10" />
      <div className="min-w-0 flex-1">
        <p className="truncate font-semibold">
          <bdi translate="no">{name}</bdi>
        </p>
        <p className="truncate text-sm text-muted">
          <bdi translate="no">{`@${person.username}`}</bdi>
          {person.suspendedAt !== null && (
            <span>{` · ${t('admin.since', { time: times.full(person.suspendedAt) })}`}</span>
          )}
        </p>
      </div>
      <Button
        look="quiet"
        small
        aria-label={t('admin.liftName', { name })}
        onClick={() => void lift().catch(complain)}
      >
        {t('admin.lift')}
      </Button>
    </div>
  );
}
