import { useEffect } from 'react';
import { toast } from 'sonner';
import { useTranslation } from '../../i18n/useTranslation';

const isWritten = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, textarea, [contenteditable]') !== null;

const hasFiles = (data: DataTransfer | null): boolean => data?.types.includes('Files') === true;

/**
 * Files belong on a conversation, which takes them by itself; whoever drops some elsewhere is told so. Left to the browser a
 * dropped file, or a link, would be opened in the place of the page.
 */
export function useFilesElsewhere(): void {
  const { t } = useTranslation();
  useEffect(() => {
    /** A picture of the page itself, dragged about in it: nobody means to send that. */
    let fromHere = false;
    const isBegun = () => {
      fromHere = true;
    };
    const isOver = () => {
      fromHere = false;
    };
    const dragged = (event: DragEvent) => {
      if (event.defaultPrevented) return;
      // Text that is dragged to where one writes is the browser's to put there.
      if (!hasFiles(event.dataTransfer) && isWritten(event.target)) return;
      event.preventDefault();
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'none';
    };
    const dropped = (event: DragEvent) => {
      const isTaken = event.defaultPrevented;
      dragged(event);
      if (!isTaken && !fromHere && hasFiles(event.dataTransfer)) toast(t('files.elsewhere'), { id: 'files' });
    };
    window.addEventListener('dragstart', isBegun);
    window.addEventListener('dragend', isOver);
    window.addEventListener('dragover', dragged);
    window.addEventListener('drop', dropped);
    return () => {
      window.removeEventListener('dragstart', isBegun);
      window.removeEventListener('dragend', isOver);
      window.removeEventListener('dragover', dragged);
      window.removeEventListener('drop', dropped);
    };
  }, [t]);
}
