/**
 * Puts a text in the place of that stretch, as typing would: the box tells of it, and Ctrl+Z takes it back. Whatever else
 * writes into a box throws away what could be undone in it; this command is old, and nothing has taken its place.
 */
export const replaceText = (
  box: HTMLTextAreaElement,
  { start, end, text }: { start: number; end: number; text: string },
): void => {
  box.focus();
  box.setSelectionRange(start, end);
  if (isInserted(text)) return;
  box.setRangeText(text, start, end, 'end');
  box.dispatchEvent(new Event('input', { bubbles: true }));
};

const isInserted = (text: string): boolean => {
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    return document.execCommand('insertText', false, text);
  } catch {
    return false;
  }
};
