import { ArrowDown, ArrowUp } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { classes } from '../../ui/classes';
import type { Thread } from './useThread';

const pill =
  'absolute left-1/2 flex h-9 -translate-x-1/2 animate-rise items-center gap-1.5 rounded-full pr-4 pl-3 text-sm font-semibold whitespace-nowrap shadow-float max-wide:h-11';
const accent = 'bg-jjok text-on-jjok hover:bg-jjok-strong';
const quiet = 'border border-hairline bg-raised text-ink hover:bg-hover';

type ToNewestProps = {
  thread: Thread;
  /** Something is still to be read that is not on the screen. */
  hasNew: boolean;
  onPress: () => void;
};

/** Down to the newest message: with their number where new ones came, with words after a jump, else a small arrow. */
export function ToNewest({ thread, hasNew, onPress }: ToNewestProps) {
  const { t } = useTranslation();
  if (hasNew)
    return (
      <button
        type="button"
        data-testid="new-pill"
        onClick={onPress}
        className={classes(pill, accent, 'bottom-3')}
      >
        <ArrowDown className="size-4" aria-hidden="true" />
        <span>
          {thread.newMore
            ? t('conversation.newMessagesMore', { count: thread.newCount })
            : t('conversation.newMessages', { count: thread.newCount })}
        </span>
      </button>
    );
  if (thread.hasNewer)
    return (
      <button type="button" onClick={onPress} className={classes(pill, quiet, 'bottom-3')}>
        <ArrowDown className="size-4 text-muted" aria-hidden="true" />
        <span>{t('conversation.toLatest')}</span>
      </button>
    );
  return (
    <button
      type="button"
      aria-label={t('conversation.toLatest')}
      title={t('conversation.toLatest')}
      onClick={onPress}
      className="absolute right-5 bottom-3 grid size-10 animate-appear place-items-center rounded-full border border-hairline bg-raised text-muted shadow-float hover:text-ink max-wide:size-11"
    >
      <ArrowDown className="size-4.5" />
    </button>
  );
}

/** Up to where the reading ended, while that lies above the screen and was not on it yet. */
export function ToFirstUnread({ thread, firstShown }: { thread: Thread; firstShown: number }) {
  const { t } = useTranslation();
  const { firstUnread, rows, hasOlder, goToFirstUnread } = thread;
  /** Of which divider it is settled. Another one, of a later absence, is another matter. */
  const [settled, setSettled] = useState<number | null>(null);
  const divider = rows.findIndex((row) => row.unreadDivider);
  const lies =
    firstUnread === null || divider < 0
      ? null
      : divider === 0 && hasOlder && (rows[0]?.seq ?? 0) > firstUnread
        ? 'above'
        : divider < firstShown
          ? 'above'
          : 'here';
  if (lies === 'here' && settled !== firstUnread) setSettled(firstUnread);
  if (lies !== 'above' || settled === firstUnread) return null;
  return (
    <button
      type="button"
      onClick={() => {
        setSettled(firstUnread);
        goToFirstUnread();
      }}
      className={classes(pill, accent, 'top-3')}
    >
      <ArrowUp className="size-4" aria-hidden="true" />
      <span>{t('conversation.toFirstUnread')}</span>
    </button>
  );
}
