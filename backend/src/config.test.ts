import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parse } from 'dotenv';

import { ConfigError, readConfig, SETTING_NAMES } from './config.js';
import { projectRoot } from './database/paths.js';

const JWT_SECRET = 's'.repeat(32);
const METRICS_TOKEN = 'a token for the metrics';
const example = readFileSync(join(projectRoot(), '.env.example'), 'utf8');

const complaint = (env: NodeJS.ProcessEnv): string => {
  try {
    readConfig({ JWT_SECRET, METRICS_TOKEN, ...env });
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
  }
  return 'nothing';
};

describe('the settings', () => {
  it('have sensible defaults: a first run needs none', () => {
    expect(readConfig({ JWT_SECRET, METRICS_TOKEN })).toEqual({
      port: 5000,
      host: undefined,
      dataDir: join(process.cwd(), 'data'),
      mongodbUri: undefined,
      redisUrl: undefined,
      serverId: expect.stringMatching(/^[A-Za-z0-9_-]+-[0-9a-f]{8}$/) as string,
      jwtSecret: JWT_SECRET,
      metricsToken: METRICS_TOKEN,
      sessionTtlSeconds: 1_296_000,
      allowedOrigins: [],
      allowedHosts: [],
      trustProxyHops: 0,
      openLobby: true,
      tutorialClients: true,
      lab: false,
      logLevel: 'info',
      files: {
        home: 'disk',
        s3: undefined,
        mostBytes: 100 * 1024 * 1024,
        mostBytesPerUser: 0,
        mostBytesOfAll: 0,
      },
      limits: {
        signupsPerAddressHour: 60,
        loginFailuresPerAccount: 10,
        loginFailuresPerAddress: 100,
        sendsPerUser10s: 100,
        eventsPerSocket10s: 300,
        openSocketsPerAddress: 50,
        requestsPerUser10s: 300,
        requestsPerAddress10s: 1_500,
        addsPerUserHour: 5_000,
        loginsPerAddressMinute: 120,
        roomsPerUserHour: 20,
        comingsPerRoom10s: 100,
        reportsPerUserHour: 20,
      },
    });
  });

  it('come from the environment before the .env file, and an empty value counts as not set', () => {
    const file = 'PORT=6000\nLOG_LEVEL=warn\nTRUST_PROXY_HOPS=2\nHOST=\n';
    const config = readConfig(
      { JWT_SECRET, METRICS_TOKEN, PORT: '7000', LOG_LEVEL: '', TRUST_PROXY_HOPS: '  ' },
      file,
    );
    expect(config).toMatchObject({ port: 7000, logLevel: 'warn', trustProxyHops: 2, host: undefined });
  });

  it('name everything that is wrong in one message', () => {
    const message = complaint({
      PORT: '70000',
      SESSION_TTL_SECONDS: '1e3',
      OPEN_LOBBY: 'yes',
      LOG_LEVEL: 'loud',
      MONGODB_URI: 'localhost:27017',
      REDIS_URL: 'http://localhost',
      JWT_SECRET: '비밀',
      ALLOWED_ORIGINS: 'https://good.example,https://bad.example/path',
      FILES: 'floppy',
      S3_ENDPOINT: 's3.example.org',
      MAX_UPLOAD_MIB: '0',
      LIMIT_SENDS_PER_USER_10S: '-1',
    });
    expect(message.split('\n').slice(1)).toEqual([
      '  PORT must be from 0 to 65535',
      '  MONGODB_URI must begin with mongodb:// or mongodb+srv://',
      '  REDIS_URL must begin with redis:// or rediss://',
      '  JWT_SECRET must have at least 32 bytes',
      '  SESSION_TTL_SECONDS must be a whole number',
      '  ALLOWED_ORIGINS has "https://bad.example/path", which is not an origin like https://chat.example.org',
      '  OPEN_LOBBY must be 0 or 1',
      '  LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent',
      '  FILES must be one of disk, gridfs, s3',
      '  S3_ENDPOINT must begin with http:// or https://',
      '  MAX_UPLOAD_MIB must be from 1 to 8589934591',
      '  LIMIT_SENDS_PER_USER_10S must be a whole number',
    ]);
    expect(message).not.toContain('비밀');
  });

  it('need a secret that is the same everywhere where there are several servers', () => {
    const both = { REDIS_URL: 'redis://localhost', JWT_SECRET: '', PORT: 'x' };
    expect(complaint(both).split('\n').slice(1)).toEqual([
      '  PORT must be a whole number',
      '  JWT_SECRET must be set where REDIS_URL is: all servers need the same one',
    ]);
    expect(complaint({ REDIS_URL: 'redis://localhost' })).toBe('nothing');
  });

  it('keep files beside the embedded database, and in one of yours', () => {
    const homeOf = (env: NodeJS.ProcessEnv) => readConfig({ JWT_SECRET, METRICS_TOKEN, ...env }).files.home;
    expect(homeOf({})).toBe('disk');
    expect(homeOf({ MONGODB_URI: 'mongodb://localhost/sori' })).toBe('gridfs');
    expect(homeOf({ MONGODB_URI: 'mongodb://localhost/sori', FILES: 'disk' })).toBe('disk');
  });

  it('let no server of several keep files for itself', () => {
    expect(complaint({ REDIS_URL: 'redis://localhost', FILES: 'disk' }).split('\n').slice(1)).toEqual([
      '  FILES cannot be disk where REDIS_URL is set: all servers need the same files',
    ]);
  });

  it('need all that a store of files asks for', () => {
    expect(complaint({ FILES: 's3', S3_BUCKET: 'sori', S3_REGION: 'here' }).split('\n').slice(1)).toEqual([
      '  S3_ENDPOINT must be set where FILES is s3',
      '  S3_ACCESS_KEY_ID must be set where FILES is s3',
      '  S3_SECRET_ACCESS_KEY must be set where FILES is s3',
    ]);
    const s3 = {
      S3_ENDPOINT: 'https://s3.example.org',
      S3_BUCKET: 'sori',
      S3_REGION: 'here',
      S3_ACCESS_KEY_ID: 'key',
      S3_SECRET_ACCESS_KEY: 'secret',
    };
    const settings = {
      endpoint: 'https://s3.example.org',
      bucket: 'sori',
      region: 'here',
      accessKeyId: 'key',
      secretAccessKey: 'secret',
    };
    const read = (env: NodeJS.ProcessEnv) => readConfig({ JWT_SECRET, METRICS_TOKEN, ...env }).files;
    expect(read({ ...s3, FILES: 's3' })).toMatchObject({ home: 's3', s3: settings });
    // Files of the past may be there.
    expect(read(s3)).toMatchObject({ home: 'disk', s3: settings });
  });

  it.each(['', 'a', 'A_b-9', 'x'.repeat(64)])('take "%s" as the name of a server', (SERVER_ID) => {
    const { serverId } = readConfig({ JWT_SECRET, METRICS_TOKEN, SERVER_ID });
    if (SERVER_ID !== '') expect(serverId).toBe(SERVER_ID);
    // None given: each process has one of its own.
    else expect(serverId).not.toBe(readConfig({ JWT_SECRET, METRICS_TOKEN }).serverId);
  });

  it.each(['a b', 'é', 'x'.repeat(65), 'a:b'])('do not take "%s" as the name of a server', (SERVER_ID) => {
    expect(complaint({ SERVER_ID })).toContain('SERVER_ID must be 1 to 64');
  });

  it('accept origins as people write them', () => {
    const { allowedOrigins } = readConfig({
      JWT_SECRET,
      ALLOWED_ORIGINS: ' https://A.example/ , http://b.example:8080,',
    });
    expect(allowedOrigins).toEqual(['https://a.example', 'http://b.example:8080']);
  });

  it('count a secret in bytes', () => {
    expect(complaint({ JWT_SECRET: '가'.repeat(10) })).toContain('32 bytes');
    expect(complaint({ JWT_SECRET: '가'.repeat(11) })).toBe('nothing');
  });
});

describe.each([
  { name: 'jwt-secret', read: (dataDir: string) => readConfig({ DATA_DIR: dataDir }).jwtSecret },
  { name: 'metrics-token', read: (dataDir: string) => readConfig({ DATA_DIR: dataDir }).metricsToken },
])('a secret that is not set ($name)', ({ name, read }) => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'sori-test-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it('is generated once and readable by its owner alone, so that it is the same after a restart', () => {
    const secret = read(dataDir);
    expect(Buffer.byteLength(secret)).toBeGreaterThanOrEqual(32);
    expect(statSync(join(dataDir, name)).mode & 0o777).toBe(0o600);
    expect(read(dataDir)).toBe(secret);
  });

  it('is generated even if the data directory does not exist yet', () => {
    const missing = join(dataDir, 'not', 'there');
    expect(read(missing)).toBe(read(missing));
  });

  it('is refused if its file was truncated', () => {
    writeFileSync(join(dataDir, name), 'short');
    expect(() => read(dataDir)).toThrow(ConfigError);
  });

  it('is not read from a file: the error says so, even if the secret is set', () => {
    const file = join(dataDir, 'a-file');
    writeFileSync(file, '');
    expect(() => readConfig({ DATA_DIR: file, JWT_SECRET })).toThrow(/not a folder/);
  });
});

describe('.env.example', () => {
  it('works as it stands', () => {
    const own = { JWT_SECRET, METRICS_TOKEN, SERVER_ID: 'a' };
    expect(readConfig(own, example)).toEqual(readConfig(own));
  });

  it('shows every setting, with values that work when the # is taken away', () => {
    const shown = parse(example.replace(/^#(?=[A-Z0-9_]+=)/gm, ''));
    expect(Object.keys(shown).sort()).toEqual([...SETTING_NAMES].sort());
    expect(() => readConfig({ ...shown, JWT_SECRET, METRICS_TOKEN })).not.toThrow();
  });
});
