import { defineConfig } from '@playwright/test';
import { chromium } from './e2e/support/chromium.js';

export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  outputDir: 'test-results',
  // A test that needs a second try hides a fault, in itself or in what it tests.
  retries: 0,
  // Each has a server, a database and several browser windows: more of them would only wait for each other.
  workers: 2,
  fullyParallel: true,
  forbidOnly: process.env.CI !== undefined,
  // Shared machines have bad minutes; what is slow is said by the bench, not by a timed test.
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: 'list',
  use: {
    browserName: 'chromium',
    launchOptions: chromium(),
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    // It fetches the whole program once more for everybody who comes. Tests of working without a line allow it.
    serviceWorkers: 'block',
    timezoneId: 'Asia/Seoul',
    screenshot: 'only-on-failure',
    trace: 'off',
  },
});
