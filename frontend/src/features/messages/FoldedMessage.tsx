import { CircleOff } from 'lucide-react';
import { useTranslation } from '../../i18n/useTranslation';
import { Button } from '../../ui/Button';
import { useRowStop } from './rowStop';

/** In place of what somebody said whom one has blocked, where others are there too and answer it. */
export function FoldedMessage({ id, onShow }: { id: string; onShow: () => void }) {
  const { t } = useTranslation();
  const tabIndex = useRowStop();
  return (
    <div
      data-testid="folded-message"
      className="flex items-center gap-2 rounded-bubble border border-hairline px-3.5 py-1.5 text-sm text-muted"
    >
      <CircleOff className="size-3.5 shrink-0" aria-hidden="true" />
      <span id={id}>{t('block.folded')}</span>
      <Button look="link" tabIndex={tabIndex} className="shrink-0" onClick={onShow}>
        {t('block.show')}
      </Button>
    </div>
  );
}
