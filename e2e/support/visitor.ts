import type { BrowserContext, Page } from '@playwright/test';
import { watchBareText } from './bareText.js';

declare global {
  interface Window {
    /** How often this page played its sound. */
    soundsPlayed: number;
  }
}

/** A browser that somebody sits at. */
export class Visitor {
  /** What the pages complained of by themselves: no test should have to look for that. */
  readonly complaints: string[] = [];

  constructor(
    readonly context: BrowserContext,
    readonly url: string,
  ) {}

  async prepare(): Promise<void> {
    this.context.on('weberror', (error) =>
      this.complaints.push(error.error().stack ?? error.error().message),
    );
    this.context.on('console', (message) => {
      // React tells the console alone of what its boundaries caught.
      if (/Content Security Policy|React error/.test(message.text())) this.complaints.push(message.text());
    });
    await this.context.addInitScript(watchBareText);
    // Counted and not heard: there is no loudspeaker where tests run.
    await this.context.addInitScript(() => {
      window.soundsPlayed = 0;
      HTMLMediaElement.prototype.play = function play() {
        if (!this.muted && this instanceof HTMLAudioElement) window.soundsPlayed += 1;
        return Promise.resolve();
      };
    });
  }

  async opens(path = '/'): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(`${this.url}${path}`);
    return page;
  }
}

export const soundsPlayed = (page: Page): Promise<number> => page.evaluate(() => window.soundsPlayed);
