import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepPrivate } from './private-files.js';

let parent: string;
let data: string;
let warnings: string[];
const log = { warn: (_details: object, message: string) => void warnings.push(message) };
const mode = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

beforeEach(async () => {
  warnings = [];
  parent = await mkdtemp(join(tmpdir(), 'sori-private-'));
  data = join(parent, 'data');
  await mkdir(join(data, 'db'), { recursive: true });
  for (const name of ['jwt-secret', 'metrics-token', 'admin-code', 'run.json'])
    await writeFile(join(data, name), 'x');
  for (const name of ['jwt-secret', 'metrics-token', 'admin-code', 'run.json'])
    await chmod(join(data, name), 0o644);
  for (const folder of [parent, data, join(data, 'db')]) await chmod(folder, 0o755);
});
afterEach(() => rm(parent, { recursive: true }));

describe('the data folder', () => {
  it('is closed to others with all that it holds, and what lies around it is left alone', async () => {
    await keepPrivate(data, log);
    expect(await Promise.all([data, join(data, 'db')].map(mode))).toEqual(['700', '700']);
    for (const name of ['jwt-secret', 'metrics-token', 'admin-code', 'run.json']) {
      expect(await mode(join(data, name))).toBe('600');
    }
    expect(await mode(parent)).toBe('755');
    expect(warnings).toEqual([]);
  });

  it('stays open where others keep their things in it', async () => {
    await writeFile(join(data, 'photo.jpg'), '', { mode: 0o644 });
    await keepPrivate(data, log);
    expect(await mode(data)).toBe('755');
    expect(await mode(join(data, 'photo.jpg'))).toBe('644');
    expect(await mode(join(data, 'db'))).toBe('700');
    expect(await mode(join(data, 'jwt-secret'))).toBe('600');
  });

  it('stays open where everybody may put things into it', async () => {
    await chmod(data, 0o1777);
    await keepPrivate(data, log);
    expect(await mode(data)).toBe('777');
  });

  it('may be a link to where it is', async () => {
    const link = join(parent, 'link');
    await symlink(data, link);
    await keepPrivate(link, log);
    expect(await mode(data)).toBe('700');
  });

  it('of another owner is left as it is, with one warning', async () => {
    await keepPrivate(data, log, (process.getuid?.() ?? 0) + 1);
    expect(await mode(join(data, 'db'))).toBe('755');
    expect(await mode(join(data, 'jwt-secret'))).toBe('644');
    expect(warnings).toHaveLength(1);
  });

  it('need not be there yet', async () => {
    await keepPrivate(join(parent, 'later'), log);
    expect(warnings).toEqual([]);
  });
});
