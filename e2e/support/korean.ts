import type { CDPSession, Page } from '@playwright/test';

/**
 * An input method as the browser sees one: what is being put together stands in the field, underlined, until it is
 * committed; every key that the method takes is told with the code 229.
 */
export class InputMethod {
  private constructor(private readonly session: CDPSession) {}

  static async of(page: Page): Promise<InputMethod> {
    return new InputMethod(await page.context().newCDPSession(page));
  }

  /** Text that is still being put together, one state after the other: ㅎ, 하, 한. */
  async compose(...states: readonly string[]): Promise<void> {
    for (const text of states)
      await this.session.send('Input.imeSetComposition', {
        text,
        selectionStart: text.length,
        selectionEnd: text.length,
      });
  }

  async commit(text: string): Promise<void> {
    await this.session.send('Input.insertText', { text });
  }

  /** An Enter that the input method took. `isComposing` is the browser's own: true while something is composed. */
  async takenEnter(): Promise<void> {
    await this.session.send('Input.dispatchKeyEvent', {
      type: 'rawKeyDown',
      windowsVirtualKeyCode: 229,
      key: 'Process',
      code: 'Enter',
    });
  }

  async enterUp(): Promise<void> {
    await this.session.send('Input.dispatchKeyEvent', {
      type: 'keyUp',
      windowsVirtualKeyCode: 13,
      key: 'Enter',
      code: 'Enter',
    });
  }
}
