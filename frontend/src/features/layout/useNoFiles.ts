import { useEffect } from 'react';
import { toast } from 'sonner';
import { useTranslation } from '../../i18n/useTranslation';

const isWritten = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, textarea, [contenteditable]') !== null;

const hasFiles = (data: DataTransfer | null): boolean => data?.types.includes('Files') === true;

/**
 * Files cannot be sent yet, and whoever drops one, or pastes a picture, is told so. Left to the browser a dropped file, or
 * a link, would be opened in the place of the page.
 */
export function useNoFiles(): void {
  const { t } = useTranslation();
  useEffect(() => {
    const explain = () => toast(t('files.notYet'), { id: 'files' });
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
      if (hasFiles(event.dataTransfer) || !isWritten(event.target)) event.preventDefault();
    };
    const dropped = (event: DragEvent) => {
      const isTaken = event.defaultPrevented;
      dragged(event);
      if (!isTaken && !fromHere && hasFiles(event.dataTransfer)) explain();
    };
    const pasted = ({ clipboardData, defaultPrevented }: ClipboardEvent) => {
      // Text beside a picture (from an office program, say) is pasted as ever.
      const isText = clipboardData?.types.includes('text/plain') === true;
      if (!defaultPrevented && !isText && hasFiles(clipboardData)) explain();
    };
    window.addEventListener('dragstart', isBegun);
    window.addEventListener('dragend', isOver);
    window.addEventListener('dragover', dragged);
    window.addEventListener('drop', dropped);
    window.addEventListener('paste', pasted);
    return () => {
      window.removeEventListener('dragstart', isBegun);
      window.removeEventListener('dragend', isOver);
      window.removeEventListener('dragover', dragged);
      window.removeEventListener('drop', dropped);
      window.removeEventListener('paste', pasted);
    };
  }, [t]);
}
