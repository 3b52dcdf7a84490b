import { useEffect, useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { attachmentWords } from '@sori/contract';
import type { Language } from '../../i18n';
import type { ThreadRow } from '../messages/threadRow';

/** More at once is a catch-up and not a conversation: the newest say enough. */
const most = 3;
const spokenAfterMs = 4_000;

/**
 * Speaks each new message of the open conversation once, author and text, in a polite live region: no times, no
 * history, nothing of one's own.
 */
export function Announcer({ rows, ready }: { rows: readonly ThreadRow[]; ready: boolean }) {
  const { t, language } = useTranslation();
  /** The highest seq that is no news; null until the history is there. */
  const [announcedSeq, setAnnouncedSeq] = useState<number | null>(null);
  const [fresh, setFresh] = useState<readonly ThreadRow[]>([]);

  const head = rows.findLast(({ seq }) => seq !== null)?.seq ?? 0;
  if (ready && (announcedSeq === null || head > announcedSeq)) {
    if (announcedSeq !== null) {
      const arrived = rows.filter(({ seq, mine }) => seq !== null && seq > announcedSeq && !mine);
      if (arrived.length > 0) setFresh([...fresh, ...arrived].slice(-most));
    }
    setAnnouncedSeq(head);
  }

  useEffect(() => {
    if (fresh.length === 0) return;
    // What was spoken goes again, or a reader would come across everything twice.
    const timer = setTimeout(() => setFresh([]), spokenAfterMs);
    return () => clearTimeout(timer);
  }, [fresh]);

  return (
    <div aria-live="polite" aria-relevant="additions" className="sr-only">
      {fresh.map((row) => (
        <p key={row.key}>
          {t('message.announce', {
            name: row.sender?.fullName ?? row.senderName ?? '',
            text: announced(row, language),
          })}
        </p>
      ))}
    </div>
  );
}

/** What its files are, and what was said of them. */
const announced = ({ text, attachments }: ThreadRow, language: string): string =>
  [attachmentWords(attachments, language as Language), text].filter((words) => words !== '').join('. ');
