import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Plugin, Rolldown } from 'vite';

const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));

const contentOf = (part: Rolldown.OutputAsset | Rolldown.OutputChunk): string | Uint8Array =>
  part.type === 'chunk' ? part.code : part.source;

/** Large, and not needed by everybody: pieces of the fonts, most of which one language never asks for, and emoji names. */
const isLater = (path: string): boolean => path.endsWith('.woff2') || path.startsWith('/emoji/');

/**
 * Tells the service worker, which is built as `sw.js`, what this build consists of. Its version is a hash of all of it:
 * another build, and only that, is another worker, which browsers take for an update.
 */
export const serviceWorker = (publicFolder: string): Plugin => ({
  name: 'sori-service-worker',
  apply: 'build',
  // The document is made by a later step than most.
  enforce: 'post',
  generateBundle: {
    order: 'post',
    handler: (_options, bundle) => {
      const worker = bundle['sw.js'];
      if (worker?.type !== 'chunk') throw new Error('The service worker was not built');
      const built = Object.values(bundle).filter(
        ({ fileName }) => fileName !== worker.fileName && !fileName.endsWith('.map'),
      );
      const hash = createHash('sha256').update(worker.code);
      for (const part of built) hash.update(part.fileName).update(contentOf(part));
      const still = filesUnder(publicFolder);
      for (const path of still) hash.update(path).update(readFileSync(join(publicFolder, path)));

      const paths = [...built.map(({ fileName }) => fileName), ...still].map((path) => `/${path}`).sort();
      const manifest = {
        version: hash.digest('hex').slice(0, 16),
        shell: paths.filter((path) => !isLater(path)),
        later: paths.filter(isLater),
      };
      worker.code = `const BUILT = ${JSON.stringify(manifest)};\n${worker.code}`;
    },
  },
});
