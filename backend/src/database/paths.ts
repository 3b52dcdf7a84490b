import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of the backend package, found from here upwards: this file runs from `src` in tests and from `dist` otherwise. */
export function backendRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder);
    if (above === folder) throw new Error(`No package.json above ${import.meta.dirname}`);
    folder = above;
  }
  return folder;
}

/** The folder that holds the whole project. */
export const projectRoot = (): string => dirname(backendRoot());

/**
 * Where a program that runs in a process of its own lies, compiled, whoever asks.
 * @throws Error naming the command that builds it, when it is not there yet.
 */
export function compiledProgram(path: string): string {
  const file = join(backendRoot(), 'dist', path);
  if (!existsSync(file)) throw new Error(`${file} is not built yet: run "npm run build" first`);
  return file;
}
