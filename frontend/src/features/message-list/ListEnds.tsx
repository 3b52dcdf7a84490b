import type { Person } from '@sori/contract';
import { LoaderCircle } from 'lucide-react';
import { useTranslation } from '../../i18n/useTranslation';
import { Button } from '../../ui/Button';
import type { Thread } from './useThread';
import { WhoTypes } from '../conversations/WhoTypes';

export type ListContext = Pick<Thread, 'hasOlder' | 'older' | 'hasNewer' | 'newer' | 'retry'> & {
  typists: readonly Person[];
};

/** The height of both: one takes the other's place when the oldest page has come. */
const place = 'flex h-16 items-end justify-center gap-3 px-4 pb-2 text-center text-sm text-muted';
/** Room enough for the way to the newest message, which floats there, to cover none of it. */
const placeBelow = 'flex h-28 items-baseline justify-center gap-3 px-4 pt-3 text-center text-sm text-muted';

/** Above the oldest message that is here, while there are older ones. */
export function OlderOnes({ context }: { context?: ListContext }) {
  if (context?.hasOlder !== true) return null;
  return (
    <div className={place}>
      <OnTheWay end="older" state={context.older} retry={context.retry} />
    </div>
  );
}

type OnTheWayProps = { end: 'older' | 'newer'; state: Thread['older']; retry: () => void };

/** There is more at that end: it comes, or it did not. */
function OnTheWay({ end, state, retry }: OnTheWayProps) {
  const { t } = useTranslation();
  if (state === 'failed')
    return (
      <>
        <span role="alert">
          {t(end === 'older' ? 'conversation.olderFailed' : 'conversation.newerFailed')}
        </span>
        <Button look="link" onClick={retry}>
          {t('conversation.retry')}
        </Button>
      </>
    );
  return (
    <span role="status">
      <LoaderCircle className="size-5 animate-spin" aria-hidden="true" />
      <span className="sr-only">
        {t(end === 'older' ? 'conversation.loadingOlder' : 'conversation.loadingNewer')}
      </span>
    </span>
  );
}

type BeginningProps = { thread: Thread; name: string; toSelf: boolean };

/** Above the first message of all. Part of its row, or in a short conversation it would hang alone at the top. */
export function Beginning({ thread: { conversation }, name, toSelf }: BeginningProps) {
  const { t } = useTranslation();
  const words = () => {
    if (toSelf) return t('conversation.selfHint');
    if (conversation?.kind === 'room') return t('room.beginning');
    if (conversation?.kind !== 'group') return t('conversation.beginning', { name });
    return conversation.firstSeq > 1 ? t('group.since') : t('group.beginning', { name });
  };
  return <p className={`${place} wrap-anywhere`}>{words()}</p>;
}

/**
 * Below the newest message that is here: what is on its way, while there are newer ones; then air, in which one sees that
 * somebody is writing. Nothing moves when they begin or end.
 */
export function ListEnd({ context }: { context?: ListContext }) {
  if (context?.hasNewer === true)
    return (
      <div className={placeBelow}>
        <OnTheWay end="newer" state={context.newer} retry={context.retry} />
      </div>
    );
  return (
    <div className="mx-auto h-9 max-w-240 px-4 pt-2 wide:px-6">
      <WhoTypes people={context?.typists ?? []} />
    </div>
  );
}
