import type { Person } from '@sori/contract';
import { CircleOff } from 'lucide-react';
import { useTranslation } from '../../i18n/useTranslation';
import { useComplain } from '../../i18n/useComplain';
import { Button } from '../../ui/Button';
import { Space } from '../../ui/Space';
import { useBlock } from './useBlock';

/** Where one would write to somebody whom one has blocked. */
export function BlockedBar({ person }: { person: Person }) {
  const { t } = useTranslation();
  const complain = useComplain();
  const { unblock } = useBlock({ _id: person._id, name: person.fullName });
  return (
    <section
      data-testid="blocked-bar"
      aria-label={t('block.composer', { name: person.fullName })}
      className="mx-auto w-full max-w-240 shrink-0 px-3 pt-1 pb-[max(0.75rem,env(safe-area-inset-bottom))] wide:px-5 wide:pb-4"
    >
      <div className="flex animate-fade flex-wrap items-center gap-x-3 gap-y-1.5 rounded-3xl border border-hairline bg-sunken py-2 pr-2 pl-4">
        <CircleOff className="size-4.5 shrink-0 text-muted" aria-hidden="true" />
        <p className="min-w-36 flex-1 text-sm wrap-anywhere">
          <span className="font-semibold">{t('block.composer', { name: person.fullName })}</span>
          <Space />
          <span className="text-muted">{t('block.composerHint')}</span>
        </p>
        <Button look="primary" small onClick={() => void unblock().catch(complain)}>
          {t('block.unblock')}
        </Button>
      </div>
    </section>
  );
}
