import type { BrowserContext, Page } from '@playwright/test';

/** Keeps what is asked for there on its way until `goOn`. `asked` counts the questions so far. */
export const holdBack = async (
  where: BrowserContext | Page,
  address: RegExp,
): Promise<{ asked: () => number; goOn: () => void }> => {
  let goOn: () => void = () => undefined;
  const released = new Promise<void>((done) => {
    goOn = done;
  });
  let asked = 0;
  await where.route(address, async (route) => {
    asked += 1;
    await released;
    // Given up by the page meanwhile, in the best case.
    await route.continue().catch(() => undefined);
  });
  return { asked: () => asked, goOn };
};
