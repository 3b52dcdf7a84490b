import { CheckCheck } from 'lucide-react';
import { useTranslation } from '../../i18n/useTranslation';
import { useComplain } from '../../i18n/useComplain';
import { useAppStore } from '../../session/useAppStore';
import { IconButton } from '../../ui/IconButton';
import { useReadAll } from './useReadAll';

/** Clears all badges at once. There only while there are some. */
export function ReadAll() {
  const { t } = useTranslation();
  const complain = useComplain();
  const readAll = useReadAll();
  const some = useAppStore(({ conversations }) =>
    Object.values(conversations).some(({ conversation }) => conversation.unread > 0),
  );
  if (!some) return null;
  return (
    <IconButton label={t('rail.readAll')} onClick={() => void readAll().catch(complain)}>
      <CheckCheck className="size-4.5" />
    </IconButton>
  );
}
