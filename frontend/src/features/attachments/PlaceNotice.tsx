import type { Attachment } from '@sori/contract';
import { MapPin } from 'lucide-react';
import { useTranslation } from '../../i18n/useTranslation';
import { useAppStore } from '../../session/useAppStore';

/** To its sender alone: where it was made could not be removed from a file. */
export function PlaceNotice({ attachments }: { attachments: readonly Attachment[] }) {
  const { t } = useTranslation();
  const may = useAppStore(({ uploads }) =>
    attachments.some(({ _id }) => uploads[_id]?.mayTellPlace === true),
  );
  if (!may) return null;
  return (
    <p className="mt-1 flex items-center gap-1.5 text-xs text-muted">
      <MapPin className="size-3.5 shrink-0" aria-hidden="true" />
      <span>{t('files.mayTellPlace')}</span>
    </p>
  );
}
