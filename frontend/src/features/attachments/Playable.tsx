import { durationText, type Attachment, type AttachmentKind } from '@sori/contract';
import { useTranslation } from '../../i18n/useTranslation';
import { classes } from '../../ui/classes';
import { fileUrl } from './addresses';
import { FileRow } from './FileRow';
import { useFailure } from './Picture';

type Props = { file: Attachment; kind: AttachmentKind; onAccent: boolean; tabIndex: number };

/** A film or a sound, played where it stands. */
export function Playable({ file, kind, onAccent, tabIndex }: Props) {
  const { t } = useTranslation();
  const { isGone, failed } = useFailure();
  const { name, width, height, duration } = file;
  // It is gone, or this browser cannot play it: then it can still be saved.
  if (isGone) return <FileRow file={file} isOnItsWay={false} onAccent={onAccent} tabIndex={tabIndex} />;
  if (kind === 'video')
    return (
      <video
        src={fileUrl(file._id)}
        controls
        playsInline
        preload="metadata"
        aria-label={name}
        onError={failed}
        style={{
          aspectRatio: width !== undefined && height !== undefined ? `${width} / ${height}` : '16 / 9',
        }}
        className="block max-h-96 w-full bg-stage"
      />
    );
  const label = kind === 'voice' ? t('files.voice') : name;
  return (
    <div className="px-3 py-2.5">
      <p className="mb-1.5 flex items-baseline gap-2 text-sm">
        <span dir="auto" className="isolate min-w-0 font-medium wrap-anywhere">
          {label}
        </span>
        {duration !== undefined && (
          <span className={classes('tabular shrink-0', onAccent ? 'text-on-mine-muted' : 'text-muted')}>
            {durationText(duration)}
          </span>
        )}
      </p>
      <audio
        src={fileUrl(file._id)}
        controls
        preload="metadata"
        aria-label={label}
        onError={failed}
        className="h-10 w-full"
      />
    </div>
  );
}
