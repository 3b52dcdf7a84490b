// npm run dev: both sides from their sources, each change seen at once. The page is at the address that vite prints.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'dotenv';

import { bin, runNode } from './run.mjs';
import { root } from './sources.mjs';

const PAGE_PORT = 5173;

const file = existsSync(join(root, '.env')) ? parse(readFileSync(join(root, '.env'))) : {};
const setting = (name) => process.env[name] || file[name] || '';
const pages = [`http://localhost:${PAGE_PORT}`, `http://127.0.0.1:${PAGE_PORT}`];
const env = {
  ...process.env,
  PORT: setting('PORT') || '5000',
  // The page comes from vite's address and not from the server's.
  ALLOWED_ORIGINS: [setting('ALLOWED_ORIGINS'), ...pages].filter(Boolean).join(','),
};

// The database runs compiled in a process of its own, in development as everywhere; and tsx needs the contract's build.
const code = await runNode(bin.tsc, ['-b', 'contract', 'backend']);
if (code !== 0) process.exit(code);

const codes = await Promise.all([
  runNode(bin.tsc, ['-b', 'contract', '--watch', '--preserveWatchOutput']),
  runNode(bin.tsx, ['watch', '--clear-screen=false', 'backend/src/main.ts'], { env }),
  runNode(bin.vite, ['--port', String(PAGE_PORT), '--strictPort'], { cwd: join(root, 'frontend'), env }),
]);
process.exit(Math.max(...codes));
