import { execFileSync } from 'node:child_process';
import type { LaunchOptions } from '@playwright/test';

/** The system's Chromium (`npm run test:tools` makes sure of it): no other browser has to be downloaded. */
const find = (): string => {
  try {
    return execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();
  } catch {
    throw new Error('There is no chromium on the PATH: run "npm run test:tools" first');
  }
};

/**
 * Playwright's own list, which an argument of ours takes the place of, and the popups of an address bar that nobody sees: each
 * window would have two processes for them, a fifth of the time that all these tests take.
 */
const withoutFeatures = [
  ...['AvoidUnnecessaryBeforeUnloadCheckSync', 'DestroyProfileOnBrowserClose', 'HttpsUpgrades'],
  ...['HttpsFirstBalancedModeAutoEnable', 'LensOverlay', 'MediaRouter', 'PaintHolding', 'OptimizationHints'],
  ...['ThirdPartyStoragePartitioning', 'AvoidCorsURLLoaderRestartOnRedirect', 'NetworkTimeServiceQuerying'],
  ...['WebUIOmniboxPopup', 'WebUIOmniboxFullPopup', 'WebUIOmniboxAimPopup'],
];

/** How it is started, also as root in a container, and without asking anybody on the internet for anything. */
export const chromium = (): LaunchOptions => ({
  executablePath: find(),
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    `--disable-features=${withoutFeatures.join(',')}`,
  ],
});
