import { LoaderCircle } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/Button';
import type { Thread } from './useThread';

export type ListContext = Pick<Thread, 'hasOlder' | 'older' | 'loadOlder'> & {
  name: string;
  toSelf: boolean;
};

/**
 * Above the oldest message that is here. One height, whatever it says: it stands above the message under the reader's
 * eye.
 */
export function ListStart({ context }: { context?: ListContext }) {
  const { t } = useTranslation();
  if (context === undefined) return null;
  const { name, toSelf, hasOlder, older, loadOlder } = context;
  return (
    <div className="flex h-16 items-end justify-center gap-3 px-4 pb-2 text-center text-sm text-muted">
      {older === 'failed' ? (
        <>
          {t('conversation.olderFailed')}
          <Button look="link" onClick={loadOlder}>
            {t('conversation.retry')}
          </Button>
        </>
      ) : hasOlder ? (
        <span role="status">
          <LoaderCircle className="size-5 animate-spin" aria-hidden="true" />
          <span className="sr-only">{t('conversation.loadingOlder')}</span>
        </span>
      ) : toSelf ? (
        t('conversation.selfHint')
      ) : (
        t('conversation.beginning', { name })
      )}
    </div>
  );
}

/** Air below the newest message. */
export function ListEnd() {
  return <div className="h-3" />;
}
