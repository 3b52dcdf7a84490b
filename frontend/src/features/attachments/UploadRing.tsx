import { Check, X } from 'lucide-react';
import type { Attachment } from '@sori/contract';
import { useTranslation } from '../../i18n/useTranslation';
import { useAppStore } from '../../session/useAppStore';
import type { UploadProgress } from '../../store/uploads';

const radius = 17;
const around = 2 * Math.PI * radius;
const notYet: UploadProgress = { state: 'queued', percent: 0 };

type Props = { file: Attachment; isFailed: boolean; tabIndex: number; onCancel: () => void };

/** How far a file has come, and the way to take it back. */
export function UploadRing({ file, isFailed, tabIndex, onCancel }: Props) {
  const { t } = useTranslation();
  const { state, percent } = useAppStore(({ uploads }) => uploads[file._id]) ?? notYet;
  const shown = isFailed ? 'failed' : state;
  const label = t('files.cancel', { name: file.name });
  return (
    <span
      data-testid="upload"
      data-state={shown}
      data-progress={percent}
      className="grid size-11 shrink-0 place-items-center"
    >
      {!isFailed && (
        <>
          <span
            role="progressbar"
            aria-label={t('files.progress', { name: file.name })}
            aria-valuenow={percent}
            aria-valuemin={0}
            aria-valuemax={100}
            className="sr-only"
          />
          {shown === 'done' ? (
            <span className="grid size-9 place-items-center rounded-full bg-raised/90 text-ink">
              <Check className="size-4.5" aria-hidden="true" />
            </span>
          ) : (
            <button
              type="button"
              tabIndex={tabIndex}
              aria-label={label}
              title={label}
              onClick={onCancel}
              className="relative grid size-11 place-items-center rounded-full bg-raised/90 text-ink transition-colors hover:bg-raised"
            >
              <svg viewBox="0 0 40 40" aria-hidden="true" className="absolute inset-0.5 -rotate-90">
                <circle cx="20" cy="20" r={radius} fill="none" strokeWidth="3" className="stroke-hairline" />
                <circle
                  cx="20"
                  cy="20"
                  r={radius}
                  fill="none"
                  strokeWidth="3"
                  strokeLinecap="round"
                  strokeDasharray={around}
                  strokeDashoffset={around * (1 - Math.max(2, percent) / 100)}
                  className="stroke-jjok transition-[stroke-dashoffset]"
                />
              </svg>
              <X className="size-4.5" aria-hidden="true" />
            </button>
          )}
        </>
      )}
    </span>
  );
}
