import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodes } from '@sori/contract';
import { freePort, type Sori, startRedis, startSori, type TestRedis } from '@sori/testkit';
import { SETTING_NAMES } from '../backend/dist/config.js';

const root = join(__dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** All that is told to whoever deploys: the files themselves, and the page about them. */
const told = [
  'Dockerfile',
  'docs/operations.md',
  ...readdirSync(__dirname)
    .filter((file) => !/\.test\.ts$|^(testing|dist|tsconfig\.json)$/.test(file))
    .map((file) => `deploy/${file}`),
];

describe('what is said of settings', () => {
  /** In capitals as our settings are, but somebody else's. */
  const others = ['AF_INET', 'AF_INET6', 'AF_UNIX', 'AF_NETLINK', 'NODE_ENV'];
  const known = new Set([...SETTING_NAMES, ...others, ...errorCodes] as string[]);
  /** Two of our settings are one word, and so is much else in capitals: they count where they are given a value. */
  const named = (text: string): string[] =>
    [...text.matchAll(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b|\b[A-Z]{3,}(?==)/g)].map(([name]) => name);

  it.each(told)('%s names only settings that there are', (path) => {
    expect(named(read(path)).filter((name) => !known.has(name))).toEqual([]);
  });

  it('is said at all', () => {
    const all = new Set(told.flatMap((path) => named(read(path))));
    expect([...all]).toEqual(
      expect.arrayContaining(['MONGODB_URI', 'REDIS_URL', 'JWT_SECRET', 'SERVER_ID', 'PORT']),
    );
    for (const one of others) expect(all).toContain(one);
  });
});

describe('the dashboard', () => {
  let redis: TestRedis;
  let sori: Sori;
  beforeAll(async () => {
    redis = await startRedis();
    const settings = {
      REDIS_URL: redis.url,
      JWT_SECRET: 'x'.repeat(32),
      METRICS_TOKEN: 'only for the tests',
    };
    sori = await startSori({ settings: { ...settings, PORT: String(await freePort()) } });
  });
  afterAll(async () => {
    await sori.stop();
    await redis.stop();
  });

  interface Panel {
    title: string;
    targets?: { expr: string }[];
  }
  const panels = (JSON.parse(read('deploy/grafana.json')) as { panels: Panel[] }).panels;
  const asked = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

  /** What the server says that it has, and the names under which Prometheus keeps it. */
  async function exported(): Promise<Map<string, string>> {
    const headers = { Authorization: 'Bearer only for the tests' };
    const text = await (await fetch(`${sori.url}/metrics`, { headers })).text();
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(
      ([, name = '', type = '']) => [name, type] as const,
    );
    const parts = types.flatMap(([name, type]) =>
      (type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']).map(
        (part) => [name + part, name] as const,
      ),
    );
    return new Map(parts);
  }
  const metricsIn = (expression: string): string[] =>
    [...expression.matchAll(/\b(?:sori|nodejs|process)_\w+/g)].map(([name]) => name);

  it('asks for nothing that the server does not have', async () => {
    const known = await exported();
    expect(asked.length).toBeGreaterThan(10);
    for (const expression of asked) {
      expect(metricsIn(expression)).not.toEqual([]);
      for (const name of metricsIn(expression)) expect([...known.keys()]).toContain(name);
    }
  });

  it('is what docs/operations.md says to watch', async () => {
    const known = await exported();
    const watched = metricsIn(read('docs/operations.md'));
    expect(watched).not.toEqual([]);
    const names = new Set([...known.keys(), ...known.values()]);
    expect(watched.filter((name) => !names.has(name))).toEqual([]);
  });
});
