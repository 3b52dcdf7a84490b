import { CornerUpLeft } from 'lucide-react';
import { useTranslation } from '../../i18n/useTranslation';
import { myId } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import { classes } from '../../ui/classes';
import { glance } from '../../ui/graphemes';
import { Space } from '../../ui/Space';
import type { Target } from '../conversations/target';
import { wordsOf } from '../attachments/words';
import { useRowStop } from './rowStop';
import { useActs } from './ThreadActs';
import { useQuote, type Quote } from './useQuote';

export type QuoteWords = { author: string | null; mine: boolean; words: string; gone: boolean };

/** Who said what is quoted, and its words as they are now. */
export function useQuoteWords(quote: Quote): QuoteWords {
  const { t, language } = useTranslation();
  const me = useAppStore(myId);
  const people = useAppStore((state) => state.people);
  const blocked = useAppStore((state) => state.blocked);
  if (quote.state === 'loading')
    return { author: null, mine: false, words: t('message.quoteLoading'), gone: true };
  if (quote.message === null) return { author: null, mine: false, words: t('message.quoteGone'), gone: true };
  const { senderId, senderName, deletedAt, message: text, attachments } = quote.message;
  if (deletedAt !== undefined)
    return { author: null, mine: false, words: t('message.quoteDeleted'), gone: true };
  if (blocked.has(senderId)) return { author: null, mine: false, words: t('block.folded'), gone: false };
  const mine = senderId === me;
  const author = mine ? t('message.you') : (senderName ?? people[senderId]?.fullName ?? null);
  // A glance and not a reading: what is long ends within the line anyway.
  return { author, mine, words: glance(wordsOf({ text, attachments }, language)), gone: false };
}

/** What a message answers to, above it. A press leads there. */
export function QuoteBlock({ target, messageId }: { target: Target; messageId: string }) {
  const { t } = useTranslation();
  const acts = useActs();
  const tabIndex = useRowStop();
  const quote = useQuote(target, messageId);
  const { author, mine, words, gone } = useQuoteWords(quote);
  return (
    <button
      type="button"
      aria-label={
        gone ? words : t(mine ? 'message.toOwnQuote' : 'message.toQuote', { name: author ?? '', text: words })
      }
      disabled={gone}
      tabIndex={tabIndex}
      onClick={() => acts.goToMessage(messageId)}
      className={classes(
        'mb-1 flex max-w-[min(30rem,calc(100%-3rem))] items-center gap-2 rounded-xl border border-hairline px-2.5 py-1 text-left text-sm text-muted transition-colors max-wide:min-h-9',
        gone ? 'italic' : 'hover:border-outline/60 hover:text-ink',
      )}
    >
      <CornerUpLeft className="size-3.5 shrink-0" aria-hidden="true" />
      <span className="truncate">
        {author !== null && (
          <span className="font-semibold">
            <bdi translate="no">{author}</bdi>
            <Space />
          </span>
        )}
        <bdi>{words}</bdi>
      </span>
    </button>
  );
}
