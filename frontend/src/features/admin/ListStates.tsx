import type { Id } from '@sori/contract';
import { WifiOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { errorText } from '../../i18n/errorText';
import { Button } from '../../ui/Button';
import { Notice } from '../../ui/Notice';
import { Skeleton } from '../../ui/Skeleton';
import { RowSkeleton } from '../conversations/RowSkeleton';
import type { Listed } from './useList';

type Props<Item> = {
  list: Listed<Item>;
  icon: ReactNode;
  emptyTitle: string;
  emptyHint: string;
  children: (item: Item) => ReactNode;
};

/** One of the admin's lists, in whatever state it is. */
export function ListStates<Item extends { _id: Id }>(props: Props<Item>) {
  const { list, icon, emptyTitle, emptyHint, children } = props;
  const { t } = useTranslation();
  if (list.state === 'loading')
    return (
      <Skeleton label={t('admin.loading')}>
        <RowSkeleton count={5} />
      </Skeleton>
    );
  if (list.state === 'failed')
    return (
      <Notice
        alert
        icon={<WifiOff className="size-6" />}
        title={t('admin.failedTitle')}
        hint={errorText(t, list.error)}
      >
        <Button look="quiet" small onClick={list.reload}>
          {t('admin.retry')}
        </Button>
      </Notice>
    );
  if (list.items.length === 0) return <Notice icon={icon} title={emptyTitle} hint={emptyHint} />;
  return (
    <>
      <ul className="divide-y divide-hairline">
        {list.items.map((item) => (
          <li key={item._id}>{children(item)}</li>
        ))}
      </ul>
      {list.hasMore && (
        <Button look="link" className="mt-3" onClick={list.loadMore}>
          {t('admin.more')}
        </Button>
      )}
    </>
  );
}
