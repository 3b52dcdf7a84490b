import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { emojiFiles } from './emojiFiles.ts';
import { serviceWorker } from './serviceWorker.ts';

const backend = `http://127.0.0.1:${process.env.PORT ?? '5000'}`;

export default defineConfig({
  plugins: [
    react(),
    tailwindcss(),
    emojiFiles(),
    serviceWorker(fileURLToPath(new URL('./public', import.meta.url))),
  ],
  resolve: {
    // The source and not its build: a change of a shape shows at once, on both sides.
    alias: {
      '@sori/contract': fileURLToPath(new URL('../contract/src/index.ts', import.meta.url)),
      '@sori/client': fileURLToPath(new URL('../client/src/index.ts', import.meta.url)),
    },
  },
  server: {
    proxy: {
      '/api': backend,
      '/avatars': backend,
      '/socket.io': { target: backend, ws: true },
    },
  },
  build: {
    outDir: 'dist',
    // Nothing as a data: address, so that the server's policy can say 'self' and mean it.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        index: fileURLToPath(new URL('./index.html', import.meta.url)),
        sw: fileURLToPath(new URL('./worker/worker.ts', import.meta.url)),
      },
      output: {
        // At the root, where it may answer for every path, and always under that name: that is how browsers find a newer one.
        entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
        // What changes rarely stays in people's caches when our own code changes.
        codeSplitting: {
          groups: [
            {
              name: 'vendor',
              test: /node_modules[\\/](react|react-dom|react-router|scheduler|i18next)[\\/]/,
            },
            {
              name: 'parts',
              test: /node_modules[\\/](@radix-ui|@floating-ui|@socket\.io|socket\.io|engine\.io|zod|react-virtuoso|sonner)/,
            },
          ],
        },
      },
    },
  },
});
