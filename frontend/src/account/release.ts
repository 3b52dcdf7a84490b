import { versions, type Versions } from '@sori/contract';
import { tabTexts, type KeptTexts } from '../device/keptTexts';
import type { SessionSlice } from '../store/state';

const storageKey = 'sori:reloaded';

type Deps = {
  build?: number;
  texts?: Pick<KeptTexts, 'read' | 'write' | 'remove'>;
  /** Whether everything that is being written outlives the page. */
  isKept: () => Promise<boolean>;
  /** What the person is to know of it. */
  changed: (release: SessionSlice['release']) => void;
  reload: () => void;
};

/**
 * A page that is older than what the server still serves says so and is loaded anew, once for each such release: what comes
 * then may be the same page, from a cache on the way, and must not go round in circles. So not where a tab cannot remember
 * that it did, nor where what is being written would be lost by it: there the person decides when.
 */
export const createRelease = ({
  build = versions.build,
  texts = tabTexts,
  isKept,
  changed,
  reload,
}: Deps) => ({
  received: async ({ oldestBuild }: Pick<Versions, 'oldestBuild'>): Promise<void> => {
    const mark = String(oldestBuild);
    const reloadedFor = texts.read(storageKey);
    if (build >= oldestBuild) {
      texts.remove(storageKey);
      changed(reloadedFor === null ? 'current' : 'updated');
      return;
    }
    changed('outdated');
    if (reloadedFor === mark) return;
    if ((await isKept()) && texts.write(storageKey, mark)) reload();
  },
});
