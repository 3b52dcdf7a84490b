import type { Attachment } from '@sori/contract';
import { ChevronLeft, ChevronRight, Download, MessageSquareText, X, ZoomIn, ZoomOut } from 'lucide-react';
import { Dialog } from 'radix-ui';
import type { ComponentProps, KeyboardEvent } from 'react';
import { useTimes } from '../../i18n/format';
import { useTranslation } from '../../i18n/useTranslation';
import { useBackCloses } from '../../navigation/useBackCloses';
import { classes } from '../../ui/classes';
import { downloadUrl } from './addresses';
import { LargePicture } from './LargePicture';
import { useZoom, type Zoom } from './useZoom';

export type Viewable = {
  /** Of its message. */
  key: string;
  seq: number | null;
  file: Attachment;
  at: string;
  /** Who sent it. */
  by: string;
};

type Props = {
  /** In their order. */
  pictures: readonly Viewable[];
  /** The id of the file. */
  shown: string;
  onShow: (picture: Viewable) => void;
  onGoTo: (picture: Viewable) => void;
  onClose: () => void;
};

/** One picture as large as the window, and the way to the others. What is deleted meanwhile is gone from here, too. */
export function Viewer({ pictures, shown, onShow, onGoTo, onClose }: Props) {
  const { t } = useTranslation();
  const index = pictures.findIndex(({ file }) => file._id === shown);
  const picture = pictures[index];
  const zoom = useZoom(shown);
  useBackCloses(picture !== undefined, onClose);
  const go = (by: -1 | 1) => {
    const next = pictures[index + by];
    if (next !== undefined) onShow(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'ArrowLeft') go(-1);
    else if (event.key === 'ArrowRight') go(1);
    else if (event.key === '+' || event.key === '=') zoom.by(1.5);
    else if (event.key === '-') zoom.by(1 / 1.5);
    else if (event.key === '0') zoom.reset();
    else return;
    event.preventDefault();
  };
  return (
    <Dialog.Root
      open={picture !== undefined}
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 animate-fade bg-stage" />
        <Dialog.Content
          data-testid="viewer"
          aria-describedby={undefined}
          onKeyDown={onKeyDown}
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
          className="fixed inset-0 z-40 flex animate-fade flex-col text-on-stage outline-none"
        >
          {picture !== undefined && (
            <>
              <Head
                picture={picture}
                place={
                  pictures.length > 1 ? t('files.place', { place: index + 1, count: pictures.length }) : null
                }
                zoom={zoom}
                onGoTo={onGoTo}
              />
              <div className="relative min-h-0 flex-1">
                <LargePicture key={picture.file._id} file={picture.file} zoom={zoom} onSwipe={go} />
                {index > 0 && (
                  <Tool
                    label={t('files.previous')}
                    onClick={() => go(-1)}
                    className={classes(side, 'left-3')}
                  >
                    <ChevronLeft className="size-6" aria-hidden="true" />
                  </Tool>
                )}
                {index < pictures.length - 1 && (
                  <Tool label={t('files.next')} onClick={() => go(1)} className={classes(side, 'right-3')}>
                    <ChevronRight className="size-6" aria-hidden="true" />
                  </Tool>
                )}
              </div>
            </>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

type HeadProps = {
  picture: Viewable;
  /** Among the others. */
  place: string | null;
  zoom: Zoom;
  onGoTo: (picture: Viewable) => void;
};

/** What it is, whose, and what can be done with it. */
function Head({ picture, place, zoom, onGoTo }: HeadProps) {
  const { t } = useTranslation();
  const times = useTimes();
  return (
    <header className="flex shrink-0 items-center gap-1 py-2 pr-2 pl-4 pt-[max(0.5rem,env(safe-area-inset-top))]">
      <div className="min-w-0 flex-1">
        <Dialog.Title dir="auto" className="isolate truncate font-semibold">
          {picture.file.name}
        </Dialog.Title>
        <p className="flex gap-1.5 truncate text-sm text-on-stage-muted">
          <bdi className="truncate">{picture.by}</bdi>
          <time dateTime={picture.at} className="tabular shrink-0">
            {times.dated(picture.at)}
          </time>
          {place !== null && (
            <span data-testid="viewer-place" className="tabular shrink-0">
              {place}
            </span>
          )}
        </p>
      </div>
      <Tool
        label={t('files.zoomOut')}
        disabled={zoom.scale <= 1}
        onClick={() => zoom.by(1 / 1.5)}
        className="max-wide:hidden"
      >
        <ZoomOut className="size-5" aria-hidden="true" />
      </Tool>
      <Tool label={t('files.zoomIn')} onClick={() => zoom.by(1.5)} className="max-wide:hidden">
        <ZoomIn className="size-5" aria-hidden="true" />
      </Tool>
      {picture.seq !== null && (
        <Tool label={t('files.goTo')} onClick={() => onGoTo(picture)}>
          <MessageSquareText className="size-5" aria-hidden="true" />
        </Tool>
      )}
      <a
        href={downloadUrl(picture.file._id)}
        download={picture.file.name}
        aria-label={t('files.save')}
        title={t('files.save')}
        className={tool}
      >
        <Download className="size-5" aria-hidden="true" />
      </a>
      <Dialog.Close asChild>
        <Tool label={t('dialog.close')}>
          <X className="size-5" aria-hidden="true" />
        </Tool>
      </Dialog.Close>
    </header>
  );
}

const tool =
  'grid size-11 shrink-0 place-items-center rounded-full text-on-stage transition-colors hover:bg-on-stage/15 focus-visible:outline-on-stage disabled:opacity-40';
const side = 'absolute top-1/2 -translate-y-1/2 bg-stage/60';

function Tool({ label, className, ...rest }: ComponentProps<'button'> & { label: string }) {
  return (
    <button type="button" aria-label={label} title={label} className={classes(tool, className)} {...rest} />
  );
}
