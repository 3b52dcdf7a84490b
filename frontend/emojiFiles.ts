import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const names = ['ko', 'en'].flatMap((language) => [`${language}/data.json`, `${language}/messages.json`]);
const read = (name: string) =>
  readFileSync(fileURLToPath(new URL(import.meta.resolve(`emojibase-data/${name}`))), 'utf8');

/** The names of the emojis in our languages, under `/emoji/`: part of the build and from nobody else's server. */
export const emojiFiles = (): Plugin => ({
  name: 'emoji-files',
  generateBundle() {
    for (const name of names) this.emitFile({ type: 'asset', fileName: `emoji/${name}`, source: read(name) });
  },
  configureServer(server) {
    server.middlewares.use('/emoji', (request, response, next) => {
      const name = names.find((known) => request.url === `/${known}`);
      if (name === undefined) next();
      else response.setHeader('content-type', 'application/json').end(read(name));
    });
  },
});
