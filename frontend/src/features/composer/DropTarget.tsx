import { FilePlus2 } from 'lucide-react';
import { useEffect, useEffectEvent, useState, type RefObject } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { filesOf, hasFiles } from './chosenFiles';

type Props = { place: RefObject<HTMLElement | null>; onFiles: (files: readonly File[]) => void };

/** While files are dragged over the conversation all of it takes them, and says so. */
export function DropTarget({ place, onFiles }: Props) {
  const { t } = useTranslation();
  const [isOver, setOver] = useState(false);
  const take = useEffectEvent(onFiles);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const takes = (event: DragEvent): boolean => {
      if (!hasFiles(event.dataTransfer)) return false;
      event.preventDefault();
      return true;
    };
    const over = (event: DragEvent) => {
      if (!takes(event)) return;
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy';
      setOver(true);
    };
    // Told also of each part that it passes on the way.
    const left = ({ relatedTarget }: DragEvent) => {
      if (!(relatedTarget instanceof Node && element.contains(relatedTarget))) setOver(false);
    };
    const dropped = (event: DragEvent) => {
      setOver(false);
      if (takes(event) && event.dataTransfer !== null) take(filesOf(event.dataTransfer));
    };
    const ended = () => setOver(false);
    element.addEventListener('dragenter', over);
    element.addEventListener('dragover', over);
    element.addEventListener('dragleave', left);
    element.addEventListener('drop', dropped);
    window.addEventListener('drop', ended);
    window.addEventListener('dragend', ended);
    return () => {
      element.removeEventListener('dragenter', over);
      element.removeEventListener('dragover', over);
      element.removeEventListener('dragleave', left);
      element.removeEventListener('drop', dropped);
      window.removeEventListener('drop', ended);
      window.removeEventListener('dragend', ended);
    };
  }, [place]);
  if (!isOver) return null;
  return (
    <div
      data-testid="drop-target"
      className="pointer-events-none absolute inset-2 z-20 grid animate-fade place-items-center rounded-3xl border-2 border-dashed border-jjok bg-jjok-soft/90 text-jjok"
    >
      <p className="flex flex-col items-center gap-3 text-lg font-semibold">
        <FilePlus2 className="size-9" aria-hidden="true" />
        <span>{t('files.drop')}</span>
      </p>
    </div>
  );
}
