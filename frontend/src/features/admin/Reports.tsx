import type { Report, ReportAction } from '@sori/contract';
import { Inbox } from 'lucide-react';
import { useCallback, useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { toast } from 'sonner';
import { useTimes } from '../../i18n/format';
import { useComplain } from '../../i18n/useComplain';
import { useClient } from '../../session/SocketContext';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/ConfirmDialog';
import { ListStates } from './ListStates';
import { wordsOf } from '../attachments/words';
import { useList } from './useList';

/** What waits for an admin, the oldest first. */
export function Reports() {
  const { t } = useTranslation();
  const { api } = useClient();
  const fetch = useCallback<Parameters<typeof useList<Report>>[0]>(
    (page, signal) => api.reports(page, signal),
    [api],
  );
  const list = useList(fetch);
  return (
    <ListStates
      list={list}
      icon={<Inbox className="size-6" />}
      emptyTitle={t('admin.noReportsTitle')}
      emptyHint={t('admin.noReportsHint')}
    >
      {(report) => <ReportCard report={report} onResolved={list.reload} />}
    </ListStates>
  );
}

function ReportCard({ report, onResolved }: { report: Report; onResolved: () => void }) {
  const { t, language } = useTranslation();
  const times = useTimes();
  const complain = useComplain();
  const { api } = useClient();
  const [suspending, setSuspending] = useState<Report | null>(null);
  const [busy, setBusy] = useState(false);
  const { person, message, reporter, messageId } = report;
  const name = person?.fullName ?? message?.senderName ?? t('admin.somebody');
  const isThere = message !== undefined && message.deletedAt === undefined;

  const resolve = async (action: ReportAction) => {
    setBusy(true);
    setSuspending(null);
    try {
      await api.resolveReport(report._id, action);
      toast(
        action === 'suspend'
          ? t('admin.suspendedNow', { name })
          : t(action === 'delete' ? 'admin.deleted' : 'admin.dismissed'),
      );
      onResolved();
    } catch (thrown) {
      complain(thrown);
      // Another admin was faster, perhaps: then it is no longer there.
      onResolved();
    } finally {
      setBusy(false);
    }
  };
  return (
    <article data-testid="report" className="grid grid-cols-1 gap-3 py-4">
      <header className="flex items-center gap-3">
        <Avatar name={name} src={person?.profilePic ?? null} className="size-10" />
        <div className="min-w-0 flex-1">
          <h2 className="truncate font-semibold">
            {messageId === undefined ? t('admin.aboutPerson', { name }) : t('admin.aboutMessage', { name })}
          </h2>
          <p className="truncate text-sm text-muted">
            <span>{t('admin.by', { name: reporter.fullName })}</span>
            <span> · </span>
            <time dateTime={report.createdAt} title={times.full(report.createdAt)} className="tabular">
              {times.moment(report.createdAt)}
            </time>
          </p>
        </div>
      </header>
      {messageId !== undefined &&
        (isThere ? (
          <blockquote
            dir="auto"
            className="max-h-48 overflow-y-auto rounded-bubble bg-theirs px-3.5 py-2 whitespace-pre-wrap text-on-theirs wrap-anywhere"
          >
            {wordsOf({ text: message.message, attachments: message.attachments }, language)}
          </blockquote>
        ) : (
          <p className="rounded-bubble border border-hairline px-3.5 py-2 text-sm text-muted">
            {t('admin.messageGone')}
          </p>
        ))}
      <p dir="auto" className="border-l-2 border-outline/60 pl-3 whitespace-pre-wrap wrap-anywhere">
        {report.reason}
      </p>
      <div className="flex flex-wrap gap-2">
        <Button look="quiet" small disabled={busy} onClick={() => void resolve('dismiss')}>
          {t('admin.dismiss')}
        </Button>
        {isThere && (
          <Button look="quiet" small disabled={busy} onClick={() => void resolve('delete')}>
            {t('admin.deleteMessage')}
          </Button>
        )}
        {person !== undefined && person.suspendedAt === null && (
          <Button
            look="quiet"
            small
            disabled={busy}
            className="text-persimmon-text"
            onClick={() => setSuspending(report)}
          >
            {t('admin.suspend')}
          </Button>
        )}
      </div>
      <ConfirmDialog
        what={suspending}
        title={() => t('admin.suspendTitle', { name })}
        hint={() => t('admin.suspendHint')}
        action={() => t('admin.suspendConfirm')}
        onCancel={() => setSuspending(null)}
        onConfirm={() => void resolve('suspend')}
      />
    </article>
  );
}
