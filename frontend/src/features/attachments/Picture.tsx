import { ImageOff, Play } from 'lucide-react';
import type { Attachment } from '@sori/contract';
import { useState, type CSSProperties, type SyntheticEvent } from 'react';
import { wantsLessMotion } from '../../device/media';
import { useTranslation } from '../../i18n/useTranslation';
import { useAppStore } from '../../session/useAppStore';
import { classes } from '../../ui/classes';
import { fileUrl } from './addresses';
import { placeholderUrl } from './placeholder';
import { useLocalUrl } from './useLocalUrl';

type Props = {
  file: Attachment;
  isOnItsWay: boolean;
  /** How wide it is shown, in CSS pixels. */
  width: number;
  /** It fills its place, and what does not fit is cut off. */
  covers: boolean;
  tabIndex: number;
  onOpen: () => void;
};

/** The longest side of the smaller copies, in pixels. */
const copies = { thumb: 480, display: 2_560 } as const;

const widthOfCopy = ({ width = 0, height = 0 }: Attachment, longest: number): number =>
  Math.max(1, Math.round(width * Math.min(1, longest / Math.max(width, height, 1))));

/** The browser takes the smaller copy that is sharp enough. */
const sourcesOf = (file: Attachment, width: number) => ({
  src: fileUrl(file._id, 'thumb'),
  srcSet: `${fileUrl(file._id, 'thumb')} ${widthOfCopy(file, copies.thumb)}w, ${fileUrl(file._id, 'display')} ${widthOfCopy(file, copies.display)}w`,
  sizes: `${width}px`,
});

/** A picture in its place, whose size is known before it comes. A press shows it whole. */
export function Picture({ file, isOnItsWay, width, covers, tabIndex, onOpen }: Props) {
  const { t } = useTranslation();
  const local = useLocalUrl(file._id, isOnItsWay);
  const [lacksLocal, setLacksLocal] = useState(false);
  const [isShown, setShown] = useState(false);
  // Whoever wants less motion is shown the first frame, and may ask for the rest.
  const [plays, setPlays] = useState(() => !wantsLessMotion());
  const { isGone, failed } = useFailure();
  const fromHere = lacksLocal ? null : local;
  const placeholder = isShown || file.placeholder === undefined ? null : placeholderUrl(file.placeholder);
  const isStill = file.animated === true && !plays;
  const source =
    fromHere !== null
      ? { src: fromHere }
      : isOnItsWay
        ? null
        : file.animated === true && plays
          ? { src: fileUrl(file._id) }
          : file.width === undefined
            ? { src: fileUrl(file._id, 'thumb') }
            : sourcesOf(file, width);
  const style: CSSProperties | undefined =
    placeholder === null
      ? undefined
      : { backgroundImage: `url("${placeholder}")`, backgroundSize: '100% 100%' };
  if (isGone) return <Gone />;
  return (
    <button
      type="button"
      tabIndex={tabIndex}
      disabled={isOnItsWay}
      aria-label={isStill ? t('files.play', { name: file.name }) : t('files.open', { name: file.name })}
      onClick={() => (isStill ? setPlays(true) : onOpen())}
      style={style}
      className="relative block size-full overflow-hidden bg-sunken -outline-offset-2"
    >
      {source !== null && (
        <img
          {...source}
          alt=""
          draggable={false}
          loading="lazy"
          decoding="async"
          onLoad={() => setShown(true)}
          onError={(_: SyntheticEvent) => {
            if (fromHere !== null) setLacksLocal(true);
            else failed();
          }}
          className={classes('size-full', covers ? 'object-cover' : 'object-contain')}
        />
      )}
      {isStill && (
        <span className="absolute inset-0 grid place-items-center">
          <span className="grid size-11 place-items-center rounded-full bg-raised/90 text-ink">
            <Play className="size-5" aria-hidden="true" />
          </span>
        </span>
      )}
    </button>
  );
}

/** What did not come without a connection is asked for again with one; with one, it is gone. */
export function useFailure() {
  const online = useAppStore(({ connection }) => connection === 'online');
  const [failedOnline, setFailedOnline] = useState<boolean | null>(null);
  return {
    isGone: failedOnline === true || (failedOnline === false && !online),
    failed: () => setFailedOnline(online),
  };
}

/** It was deleted, or is not for this person any more. */
function Gone() {
  const { t } = useTranslation();
  return (
    <span className="flex size-full flex-col items-center justify-center gap-1.5 bg-sunken p-2 text-center text-sm text-muted">
      <ImageOff className="size-5" aria-hidden="true" />
      <span>{t('files.gone')}</span>
    </span>
  );
}
