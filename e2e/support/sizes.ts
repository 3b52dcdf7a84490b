import type { Locator } from '@playwright/test';

const fingerWide = 44;

/** How many there are of these, and which of them a finger would miss: all measured in one moment. */
export const forAFinger = (parts: Locator): Promise<{ count: number; small: string[] }> =>
  parts.evaluateAll(
    (all, enough) => ({
      count: all.length,
      small: all.flatMap((part) => {
        const { width, height } = part.getBoundingClientRect();
        const side = Math.round(Math.min(width, height));
        return side < enough ? [`${part.ariaLabel ?? part.textContent}: ${side}`] : [];
      }),
    }),
    fingerWide,
  );
