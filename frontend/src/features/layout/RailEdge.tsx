import { useTranslation } from '../../i18n/useTranslation';
import { railWidths } from './useRailWidth';

type Props = { width: number; resize: (width: number) => void };

/** The line between list and conversation: drag it, or use the arrow keys. */
export function RailEdge({ width, resize }: Props) {
  const { t } = useTranslation();
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={t('rail.resize')}
      aria-valuenow={width}
      aria-valuemin={railWidths.min}
      aria-valuemax={railWidths.max}
      tabIndex={0}
      className="absolute inset-y-0 right-0 z-10 w-px shrink-0 cursor-col-resize touch-none bg-hairline transition-colors before:absolute before:inset-y-0 before:-inset-x-1.5 hover:bg-outline focus-visible:bg-jjok"
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) resize(event.clientX);
      }}
      onKeyDown={(event) => {
        if (event.key === 'ArrowLeft') resize(width - 10);
        if (event.key === 'ArrowRight') resize(width + 10);
      }}
    />
  );
}
