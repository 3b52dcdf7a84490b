import { Tabs } from 'radix-ui';
import { useTranslation } from '../../i18n/useTranslation';
import { useAppStore } from '../../session/useAppStore';
import { useWide } from '../../ui/useMedia';
import { NotFoundPage } from '../../ui/NotFoundPage';
import { Back } from '../thread/ThreadHeader';
import { AuditTrail } from './AuditTrail';
import { Reports } from './Reports';
import { Suspended } from './Suspended';

const tabs = [
  { value: 'reports', Content: Reports },
  { value: 'suspended', Content: Suspended },
  { value: 'audit', Content: AuditTrail },
] as const;

/** `/admin`: what people reported, who is shut out, and what was done about it. For others it does not exist. */
export function AdminPane() {
  const { t } = useTranslation();
  const wide = useWide();
  const admin = useAppStore((state) => state.admin);
  if (admin === null) return null;
  if (!admin) return <NotFoundPage />;
  return (
    <main aria-label={t('admin.title')} className="flex h-full flex-col">
      <header className="flex h-15 shrink-0 items-center gap-3 border-b border-hairline px-4 max-wide:pl-1 wide:px-6">
        {!wide && <Back />}
        <h1 className="text-lg font-bold tracking-tight">{t('admin.title')}</h1>
      </header>
      <Tabs.Root defaultValue="reports" className="flex min-h-0 flex-1 flex-col">
        <Tabs.List
          aria-label={t('admin.title')}
          className="flex shrink-0 gap-5 border-b border-hairline px-4 wide:px-6"
        >
          {tabs.map(({ value }) => (
            <Tabs.Trigger
              key={value}
              value={value}
              className="-mb-px h-11 border-b-2 border-transparent font-semibold text-muted transition-colors hover:text-ink data-[state=active]:border-jjok data-[state=active]:text-ink"
            >
              {t(`admin.${value}`)}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {tabs.map(({ value, Content }) => (
          <Tabs.Content
            key={value}
            value={value}
            className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-4 py-4 -outline-offset-2 wide:px-6"
          >
            <div className="mx-auto max-w-160">
              <Content />
            </div>
          </Tabs.Content>
        ))}
      </Tabs.Root>
    </main>
  );
}
