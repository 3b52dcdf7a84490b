import type { Attachment } from '@sori/contract';
import { useEffect, useEffectEvent, useRef, useState, type PointerEvent } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { classes } from '../../ui/classes';
import { fileUrl } from './addresses';
import { placeholderUrl } from './placeholder';
import { useFailure } from './Picture';
import { useLocalUrl } from './useLocalUrl';
import type { Zoom } from './useZoom';

/** So far a finger goes for the next one, in CSS pixels. */
const swipe = 60;

type Props = { file: Attachment; zoom: Zoom; onSwipe: (by: -1 | 1) => void };
type Finger = { x: number; y: number };

/** As large as there is room, and larger: by the wheel, a double click, two fingers. */
export function LargePicture({ file, zoom, onSwipe }: Props) {
  const { t } = useTranslation();
  const local = useLocalUrl(file._id, false);
  const [isShown, setShown] = useState(false);
  const { isGone, failed } = useFailure();
  const stage = useRef<HTMLDivElement>(null);
  const byWheel = useEffectEvent((deltaY: number) => zoom.by(Math.exp(-deltaY / 300)));
  const hands = useFingers(zoom, onSwipe);

  useEffect(() => {
    const element = stage.current;
    // React's own listens without being able to keep the page from scrolling.
    const turned = (event: WheelEvent) => {
      event.preventDefault();
      byWheel(event.deltaY);
    };
    element?.addEventListener('wheel', turned, { passive: false });
    return () => element?.removeEventListener('wheel', turned);
  }, []);

  const { width, height, placeholder, animated } = file;
  // Beyond the window's size the original has what the smaller copy lacks.
  const whole = animated === true || zoom.scale > 1.5;
  const source = local ?? (whole ? fileUrl(file._id) : fileUrl(file._id, 'display'));
  const behind = placeholder === undefined || isShown ? null : placeholderUrl(placeholder);
  return (
    <div
      ref={stage}
      {...hands}
      onDoubleClick={() => (zoom.scale > 1 ? zoom.reset() : zoom.by(2.5))}
      className={classes(
        'grid size-full touch-none place-items-center overflow-hidden select-none',
        zoom.scale > 1 ? 'cursor-grab' : 'cursor-default',
      )}
    >
      {isGone ? (
        <p className="text-on-stage-muted">{t('files.gone')}</p>
      ) : (
        <img
          src={source}
          alt={file.name}
          width={width}
          height={height}
          draggable={false}
          onLoad={() => setShown(true)}
          onError={failed}
          style={{
            transform: `translate(${zoom.x}px, ${zoom.y}px) scale(${zoom.scale})`,
            ...(behind !== null && { backgroundImage: `url("${behind}")`, backgroundSize: '100% 100%' }),
          }}
          className="h-auto max-h-full w-auto max-w-full min-h-0 min-w-0 object-contain"
        />
      )}
    </div>
  );
}

/** One finger, or the mouse, moves it or goes on to the next one; two make it larger. */
function useFingers(zoom: Zoom, onSwipe: Props['onSwipe']) {
  const fingers = useRef(new Map<number, Finger>());
  const start = useRef<Finger | null>(null);
  const apart = (): number => {
    const [one, other] = [...fingers.current.values()];
    return one === undefined || other === undefined ? 0 : Math.hypot(one.x - other.x, one.y - other.y);
  };
  const lifted = ({ pointerId, clientX, clientY }: PointerEvent) => {
    const began = start.current;
    const wasAlone = fingers.current.size === 1;
    fingers.current.delete(pointerId);
    if (fingers.current.size === 0) start.current = null;
    if (began === null || !wasAlone || zoom.scale > 1) return;
    const [dx, dy] = [clientX - began.x, clientY - began.y];
    if (Math.abs(dx) > swipe && Math.abs(dx) > 2 * Math.abs(dy)) onSwipe(dx > 0 ? -1 : 1);
  };
  return {
    onPointerDown: (event: PointerEvent) => {
      const { pointerId, clientX: x, clientY: y } = event;
      fingers.current.set(pointerId, { x, y });
      // With a second finger it is no swipe any more.
      start.current = fingers.current.size === 1 ? { x, y } : null;
      event.currentTarget.setPointerCapture(pointerId);
    },
    onPointerMove: ({ pointerId, clientX: x, clientY: y }: PointerEvent) => {
      const before = fingers.current.get(pointerId);
      if (before === undefined) return;
      const wasApart = apart();
      fingers.current.set(pointerId, { x, y });
      if (wasApart > 0) zoom.by(apart() / wasApart);
      else zoom.moved(x - before.x, y - before.y);
    },
    onPointerUp: lifted,
    onPointerCancel: (event: PointerEvent) => {
      fingers.current.delete(event.pointerId);
      start.current = null;
    },
  };
}
