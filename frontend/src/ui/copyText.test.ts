import { copyText } from './copyText';

/** What the selected text box held when the browser was told to copy. */
let copied: string | null;
const execCommand = jest.fn((command: string) => {
  const { activeElement } = document;
  if (command !== 'copy' || !(activeElement instanceof HTMLTextAreaElement)) return false;
  copied = activeElement.value.slice(activeElement.selectionStart, activeElement.selectionEnd);
  return true;
});
const withClipboard = (clipboard: unknown) =>
  Object.defineProperty(navigator, 'clipboard', { value: clipboard, configurable: true });

beforeEach(() => {
  copied = null;
  execCommand.mockClear();
  Object.assign(document, { execCommand });
  document.body.innerHTML =
    '<button>here</button><div role="menu" tabindex="-1"><i tabindex="-1">copy</i></div>';
});

describe('copying', () => {
  it('asks the browser’s clipboard where there is one', async () => {
    const writeText = jest.fn(() => Promise.resolve());
    withClipboard({ writeText });
    expect(await copyText('안녕')).toBe(true);
    expect(writeText).toHaveBeenCalledWith('안녕');
    expect(execCommand).not.toHaveBeenCalled();
  });

  it.each([
    ['there is none, as on plain http', undefined],
    ['it refuses', { writeText: () => Promise.reject(new Error('NotAllowedError')) }],
    [
      'it breaks',
      {
        writeText() {
          throw new Error('broken');
        },
      },
    ],
  ])('works where %s, and leaves no trace', async (_why, clipboard) => {
    withClipboard(clipboard);
    const button = document.querySelector('button');
    button?.focus();
    expect(await copyText('안녕\n<b>you</b>')).toBe(true);
    expect(copied).toBe('안녕\n<b>you</b>');
    expect(document.querySelector('textarea')).toBeNull();
    expect(document.activeElement).toBe(button);
  });

  it('works where the clipboard never answers', async () => {
    jest.useFakeTimers();
    withClipboard({ writeText: () => new Promise(() => undefined) });
    const copying = copyText('안녕');
    await jest.runAllTimersAsync();
    jest.useRealTimers();
    expect(await copying).toBe(true);
    expect(copied).toBe('안녕');
  });

  it('works within an open menu, which the focus may not leave', async () => {
    withClipboard(undefined);
    const menu = document.querySelector('[role=menu]');
    document.addEventListener('focusin', ({ target }) => {
      if (target instanceof Node && menu?.contains(target) !== true)
        document.querySelector('i')?.focus({ preventScroll: true });
    });
    document.querySelector('i')?.focus();
    expect(await copyText('안녕')).toBe(true);
    expect(copied).toBe('안녕');
  });

  it('says so where nothing lets it', async () => {
    withClipboard(undefined);
    execCommand.mockReturnValueOnce(false);
    expect(await copyText('안녕')).toBe(false);
    execCommand.mockImplementationOnce(() => {
      throw new Error('unknown');
    });
    expect(await copyText('안녕')).toBe(false);
  });
});
