import { memo } from 'react';
import type { Notice } from '@sori/client';
import { useTranslation } from '../../i18n/useTranslation';
import { useTimes } from '../../i18n/format';
import { myId } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import { noticeWords } from './noticeWords';

/** What happened to the group itself, as quiet lines between the messages. Most messages have none above them. */
export const NoticeLines = memo(function NoticeLines({ notices }: { notices: readonly Notice[] }) {
  return notices.length === 0 ? null : <Lines notices={notices} />;
});

function Lines({ notices }: { notices: readonly Notice[] }) {
  const { t } = useTranslation();
  const times = useTimes();
  const people = useAppStore((state) => state.people);
  const me = useAppStore(myId);
  return notices.map((notice) => (
    <p
      key={notice.seq}
      data-testid="group-notice"
      title={times.full(notice.at)}
      className="mx-auto max-w-240 px-8 pt-3 text-center text-xs wrap-anywhere text-muted"
    >
      <bdi>{noticeWords(t, notice, { people, me })}</bdi>
    </p>
  ));
}
