import type { AuditEntry } from '@sori/contract';
import { ScrollText } from 'lucide-react';
import { useCallback } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useTimes } from '../../i18n/format';
import { useClient } from '../../session/SocketContext';
import { ListStates } from './ListStates';
import { useList } from './useList';

const words = {
  dismiss: 'admin.didDismiss',
  delete: 'admin.didDelete',
  suspend: 'admin.didSuspend',
  unsuspend: 'admin.didUnsuspend',
  deleteRoom: 'admin.didDeleteRoom',
} as const;

/** What admins did, the newest first. */
export function AuditTrail() {
  const { t } = useTranslation();
  const times = useTimes();
  const { api } = useClient();
  const fetch = useCallback<Parameters<typeof useList<AuditEntry>>[0]>(
    ({ limit, after }, signal) => api.audit({ limit, before: after }, signal),
    [api],
  );
  const list = useList(fetch);
  return (
    <ListStates
      list={list}
      icon={<ScrollText className="size-6" />}
      emptyTitle={t('admin.noAuditTitle')}
      emptyHint={t('admin.noAuditHint')}
    >
      {({ at, action, admin, person }) => (
        <p data-testid="audit-entry" className="flex items-baseline gap-3 py-2.5">
          <span className="min-w-0 flex-1 wrap-anywhere">
            <bdi>
              {t(words[action], { admin: admin.fullName, name: person?.fullName ?? t('admin.aGuest') })}
            </bdi>
          </span>
          <time dateTime={at} title={times.full(at)} className="tabular shrink-0 text-sm text-muted">
            {times.moment(at)}
          </time>
        </p>
      )}
    </ListStates>
  );
}
