/** Where the browser asks the person first, it may take a moment; where it never answers, this is long enough. */
const patienceMs = 2_000;

const byApi = async (text: string): Promise<void> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The clipboard did not answer')), patienceMs);
  });
  try {
    await Promise.race([navigator.clipboard.writeText(text), late]);
  } finally {
    clearTimeout(timer);
  }
};

/** By a text box that nobody sees, in which everything is selected. */
const bySelection = (text: string): boolean => {
  const before = document.activeElement;
  const box = document.createElement('textarea');
  box.value = text;
  box.readOnly = true;
  box.setAttribute('aria-hidden', 'true');
  // Where it is, so that nothing scrolls to it; in letters that a phone does not zoom in to.
  Object.assign(box.style, { position: 'fixed', top: '0', left: '0', opacity: '0', fontSize: '16px' });
  // An open menu or dialog takes back a focus that leaves it.
  (before?.closest('[role=menu], [role=dialog], [role=alertdialog]') ?? document.body).append(box);
  try {
    box.focus({ preventScroll: true });
    box.setSelectionRange(0, text.length);
    // There is no other way yet where the page came by plain http.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    return document.execCommand('copy');
  } catch {
    return false;
  } finally {
    box.remove();
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  }
};

/**
 * Puts a text on the clipboard; false where the browser lets it be done in no way. On plain http, as in a LAN, there is no
 * clipboard API.
 */
export const copyText = async (text: string): Promise<boolean> => {
  try {
    await byApi(text);
    return true;
  } catch {
    return bySelection(text);
  }
};
