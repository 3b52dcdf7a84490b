import { versions, type Bootstrap } from '@sori/contract';
import { tabTexts, type KeptTexts } from '../device/keptTexts';

const storageKey = 'sori:reloaded';

type Deps = {
  build?: number;
  texts?: Pick<KeptTexts, 'read' | 'write'>;
  /** Whether everything that is being written outlives the page. */
  isKept: () => Promise<boolean>;
  reload: () => void;
};

/**
 * A page that is older than what the server still serves is loaded anew, once for each such release: what comes then may be
 * the same page, from a cache on the way, and must not go round in circles. So not where a tab cannot remember that it did,
 * nor where what is being written would be lost by it.
 */
export const createRelease = ({ build = versions.build, texts = tabTexts, isKept, reload }: Deps) => ({
  told: async ({ oldestBuild }: Pick<Bootstrap['versions'], 'oldestBuild'>): Promise<void> => {
    const mark = String(oldestBuild);
    if (build >= oldestBuild || texts.read(storageKey) === mark) return;
    if ((await isKept()) && texts.write(storageKey, mark)) reload();
  },
});
