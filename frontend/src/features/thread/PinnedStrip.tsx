import { Pin } from 'lucide-react';
import { useTranslation } from '../../i18n/useTranslation';
import { glance } from '../../ui/graphemes';
import { wordsOf } from '../attachments/words';
import type { ThreadRow } from '../messages/threadRow';

const isPinned = ({ message }: ThreadRow): boolean =>
  message?.pinnedAt !== undefined && message.deletedAt === undefined;
const pinnedAt = ({ message }: ThreadRow): string => message?.pinnedAt ?? '';

/** What somebody wanted everybody to find again: the latest pin among the messages that are here. */
export function PinnedStrip({ rows, onGo }: { rows: readonly ThreadRow[]; onGo: (seq: number) => void }) {
  const { t, language } = useTranslation();
  const pinned = rows.filter(isPinned).sort((one, other) => (pinnedAt(one) < pinnedAt(other) ? 1 : -1))[0];
  if (pinned === undefined) return null;
  const words = glance(wordsOf(pinned, language));
  return (
    <button
      type="button"
      aria-label={t('conversation.toPinned', { text: words })}
      onClick={() => {
        if (pinned.seq !== null) onGo(pinned.seq);
      }}
      className="flex h-9 shrink-0 animate-fade items-center gap-2.5 border-b border-hairline px-4 text-left text-sm text-muted transition-colors hover:bg-hover max-wide:h-11 wide:px-6"
    >
      <Pin className="size-3.5 shrink-0 rotate-45 text-jjok" aria-hidden="true" />
      <span className="shrink-0 font-semibold text-jjok">{t('message.pinned')}</span>
      <bdi className="truncate">{words}</bdi>
    </button>
  );
}
