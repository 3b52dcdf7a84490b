import { CircleOff } from 'lucide-react';
import { useTranslation } from '../../i18n/useTranslation';
import { Button } from '../../ui/Button';

/** In place of what somebody said whom one has blocked, where others are there too and answer it. */
export function FoldedMessage({ onShow }: { onShow: () => void }) {
  const { t } = useTranslation();
  return (
    <div
      data-testid="folded-message"
      className="flex items-center gap-2 rounded-bubble border border-hairline px-3.5 py-1.5 text-sm text-muted"
    >
      <CircleOff className="size-3.5 shrink-0" aria-hidden="true" />
      <span>{t('block.folded')}</span>
      <Button look="link" className="shrink-0" onClick={onShow}>
        {t('block.show')}
      </Button>
    </div>
  );
}
