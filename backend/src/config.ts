import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';

import { parse } from 'dotenv';
import { z } from 'zod';
import { address, flag, hosts, origins, whole } from './core/setting-forms.js';
import type { Home } from './files/blob-store.js';
import type { S3Settings } from './files/s3.js';
import type { LimitSettings } from './limits/limits.js';

/** Every setting of the server, read once at the start. `.env.example` says what each is for. */
export interface Config {
  /** 0 takes any free port (tests). */
  port: number;
  /** The address to listen on; unset: all interfaces. */
  host: string | undefined;
  /** Absolute. What is kept in files lies here: the embedded database, the secret, `run.json`. */
  dataDir: string;
  /** Unset: the embedded engine. */
  mongodbUri: string | undefined;
  /** Unset: this is the only server. */
  redisUrl: string | undefined;
  /** Names this process in the log, in the metrics and to other servers. */
  serverId: string;
  /** Signs session tokens; at least 32 bytes. */
  jwtSecret: string;
  /** Whoever shows it may read `/metrics`. */
  metricsToken: string;
  sessionTtlSeconds: number;
  /** Origins besides our own whose pages may call us, without a slash at the end. */
  allowedOrigins: string[];
  /** The only hosts that are answered for, in lower case, with the port where one was given; none: every host. */
  allowedHosts: string[];
  /** How many proxies in front of us are ours, so that what they say of a client is believed. */
  trustProxyHops: number;
  openLobby: boolean;
  tutorialClients: boolean;
  lab: boolean;
  logLevel: LogLevel;
  files: FileSettings;
  /** 0 switches a limit off. */
  limits: LimitSettings & {
    /** At the same time. */
    openSocketsPerAddress: number;
  };
}

export interface FileSettings {
  /** Where new ones go. */
  home: Home;
  /** Also where new ones go elsewhere: old ones may be there. */
  s3: S3Settings | undefined;
  /** One file, in bytes. */
  mostBytes: number;
  /** All that one person keeps here, and all that is kept, in bytes; 0: as much as there is room for. */
  mostBytesPerUser: number;
  mostBytesOfAll: number;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Settings that cannot be used, all of them in one message. The program ends with code 78 (EX_CONFIG of sysexits.h). */
export class ConfigError extends Error {
  static readonly exitCode = 78;
}

const SECRET_BYTES = 32;

const HOMES = ['disk', 'gridfs', 's3'] as const satisfies readonly Home[];
const MEBIBYTE = 1024 * 1024;
/** In bytes they are still counted exactly. */
const MEBIBYTES_MOST = Math.floor(Number.MAX_SAFE_INTEGER / MEBIBYTE);

const Settings = z.object({
  PORT: whole(0, 65_535).default(5_000),
  HOST: z.string().optional(),
  DATA_DIR: z.string().default('./data'),
  MONGODB_URI: address('mongodb', 'mongodb+srv').optional(),
  REDIS_URL: address('redis', 'rediss').optional(),
  SERVER_ID: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: 'must be 1 to 64 letters, digits, _ or -' })
    .optional(),
  JWT_SECRET: z
    .string()
    .refine((value) => Buffer.byteLength(value) >= SECRET_BYTES, {
      error: `must have at least ${SECRET_BYTES} bytes`,
    })
    .optional(),
  METRICS_TOKEN: z.string().optional(),
  SESSION_TTL_SECONDS: whole(1).default(1_296_000),
  ALLOWED_ORIGINS: origins.default([]),
  ALLOWED_HOSTS: hosts.default([]),
  TRUST_PROXY_HOPS: whole(0).default(0),
  OPEN_LOBBY: flag.default(true),
  TUTORIAL_CLIENTS: flag.default(true),
  SORI_LAB: flag.default(false),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  FILES: z.enum(HOMES, { error: `must be one of ${HOMES.join(', ')}` }).optional(),
  S3_ENDPOINT: address('http', 'https').optional(),
  S3_BUCKET: z.string().optional(),
  S3_REGION: z.string().optional(),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  MAX_UPLOAD_MIB: whole(1, MEBIBYTES_MOST).default(100),
  STORAGE_QUOTA_MIB_PER_USER: whole(0, MEBIBYTES_MOST).default(0),
  STORAGE_QUOTA_MIB: whole(0, MEBIBYTES_MOST).default(0),
  LIMIT_SIGNUPS_PER_ADDRESS_HOUR: whole(0).default(60),
  LIMIT_LOGIN_FAILURES_PER_ACCOUNT: whole(0).default(10),
  LIMIT_LOGIN_FAILURES_PER_ADDRESS: whole(0).default(100),
  LIMIT_SENDS_PER_USER_10S: whole(0).default(100),
  LIMIT_EVENTS_PER_SOCKET_10S: whole(0).default(300),
  LIMIT_OPEN_SOCKETS_PER_ADDRESS: whole(0).default(50),
  LIMIT_REQUESTS_PER_USER_10S: whole(0).default(300),
  LIMIT_REQUESTS_PER_ADDRESS_10S: whole(0).default(1_500),
  LIMIT_ADDS_PER_USER_HOUR: whole(0).default(5_000),
  LIMIT_LOGINS_PER_ADDRESS_MINUTE: whole(0).default(120),
  LIMIT_ROOMS_PER_USER_HOUR: whole(0).default(20),
  LIMIT_COMINGS_PER_ROOM_10S: whole(0).default(100),
  LIMIT_REPORTS_PER_USER_HOUR: whole(0).default(20),
});

type Given = Readonly<Record<string, string | undefined>>;

const S3_NAMES = ['S3_ENDPOINT', 'S3_BUCKET', 'S3_REGION', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'];

/** What is wrong with settings that are right one by one. */
function togetherWrong(given: Given): string[] {
  const { REDIS_URL, JWT_SECRET, FILES } = given;
  const wrong: string[] = [];
  // With several servers, what each would make or keep for itself has to be the same everywhere.
  if (REDIS_URL !== undefined && JWT_SECRET === undefined)
    wrong.push('JWT_SECRET must be set where REDIS_URL is: all servers need the same one');
  if (REDIS_URL !== undefined && FILES === 'disk')
    wrong.push('FILES cannot be disk where REDIS_URL is set: all servers need the same files');
  for (const name of FILES === 's3' ? S3_NAMES : [])
    if (given[name] === undefined) wrong.push(`${name} must be set where FILES is s3`);
  return wrong.map((complaint) => `  ${complaint}`);
}

/** The names of all settings, as `.env.example` must show them. */
export const SETTING_NAMES = Object.keys(Settings.shape);

/** An embedded database has one server. Where one of somebody else's is used, or Redis, there may be more. */
export const isAlone = ({ mongodbUri, redisUrl }: Pick<Config, 'mongodbUri' | 'redisUrl'>): boolean =>
  mongodbUri === undefined && redisUrl === undefined;

/** Settings that switch every limit off: for tests and measurements that are not about limits. */
export const NO_LIMITS: Readonly<Record<string, string>> = Object.fromEntries(
  SETTING_NAMES.filter((name) => name.startsWith('LIMIT_')).map((name) => [name, '0']),
);

/**
 * Reads the settings: the environment first, then the text of a `.env` file; an empty value counts as unset. Where there is
 * no JWT_SECRET, one is made and kept in DATA_DIR, so that people stay signed in over a restart.
 * @throws ConfigError that names every wrong setting.
 */
export function readConfig(env: NodeJS.ProcessEnv, dotenvText = ''): Config {
  const file = parse(dotenvText);
  const given = Object.fromEntries(
    SETTING_NAMES.map((name) => [
      name,
      [env[name], file[name]].map((value) => value?.trim()).find((value) => value),
    ]),
  );
  const { success, data: settings, error } = Settings.safeParse(given);
  const complaints = [
    ...(error?.issues ?? []).map((issue) => `  ${issue.path.join('.')} ${issue.message}`),
    ...togetherWrong(given),
  ];
  if (!success || complaints.length > 0) {
    throw new ConfigError(`These settings cannot be used:\n${complaints.join('\n')}`);
  }
  const dataDir = resolve(settings.DATA_DIR);
  requireFolder(dataDir);
  return {
    port: settings.PORT,
    host: settings.HOST,
    dataDir,
    mongodbUri: settings.MONGODB_URI,
    redisUrl: settings.REDIS_URL,
    serverId: settings.SERVER_ID ?? madeServerId(),
    jwtSecret: settings.JWT_SECRET ?? keptSecret(dataDir, 'jwt-secret', 'everybody signs in anew'),
    metricsToken: settings.METRICS_TOKEN ?? keptSecret(dataDir, 'metrics-token', 'a new one is made'),
    sessionTtlSeconds: settings.SESSION_TTL_SECONDS,
    allowedOrigins: settings.ALLOWED_ORIGINS,
    allowedHosts: settings.ALLOWED_HOSTS,
    trustProxyHops: settings.TRUST_PROXY_HOPS,
    openLobby: settings.OPEN_LOBBY,
    tutorialClients: settings.TUTORIAL_CLIENTS,
    lab: settings.SORI_LAB,
    logLevel: settings.LOG_LEVEL,
    files: {
      home: settings.FILES ?? (settings.MONGODB_URI === undefined ? 'disk' : 'gridfs'),
      s3: s3Of(settings),
      mostBytes: settings.MAX_UPLOAD_MIB * MEBIBYTE,
      mostBytesPerUser: settings.STORAGE_QUOTA_MIB_PER_USER * MEBIBYTE,
      mostBytesOfAll: settings.STORAGE_QUOTA_MIB * MEBIBYTE,
    },
    limits: {
      signupsPerAddressHour: settings.LIMIT_SIGNUPS_PER_ADDRESS_HOUR,
      loginFailuresPerAccount: settings.LIMIT_LOGIN_FAILURES_PER_ACCOUNT,
      loginFailuresPerAddress: settings.LIMIT_LOGIN_FAILURES_PER_ADDRESS,
      sendsPerUser10s: settings.LIMIT_SENDS_PER_USER_10S,
      eventsPerSocket10s: settings.LIMIT_EVENTS_PER_SOCKET_10S,
      openSocketsPerAddress: settings.LIMIT_OPEN_SOCKETS_PER_ADDRESS,
      requestsPerUser10s: settings.LIMIT_REQUESTS_PER_USER_10S,
      requestsPerAddress10s: settings.LIMIT_REQUESTS_PER_ADDRESS_10S,
      addsPerUserHour: settings.LIMIT_ADDS_PER_USER_HOUR,
      loginsPerAddressMinute: settings.LIMIT_LOGINS_PER_ADDRESS_MINUTE,
      roomsPerUserHour: settings.LIMIT_ROOMS_PER_USER_HOUR,
      comingsPerRoom10s: settings.LIMIT_COMINGS_PER_ROOM_10S,
      reportsPerUserHour: settings.LIMIT_REPORTS_PER_USER_HOUR,
    },
  };
}

/** Undefined where one of them is missing: then nothing can be there. */
function s3Of(settings: z.infer<typeof Settings>): S3Settings | undefined {
  const { S3_ENDPOINT: endpoint, S3_BUCKET: bucket, S3_REGION: region } = settings;
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = settings;
  if (!endpoint || !bucket || !region || !accessKeyId || !secretAccessKey) return undefined;
  return { endpoint, bucket, region, accessKeyId, secretAccessKey };
}

/** The settings of this process: its environment, and `.env` in its working directory. @throws ConfigError */
export function loadConfig(): Config {
  return readConfig(process.env, textOf(resolve('.env')) ?? '');
}

/** The machine's name, and what no other process has. */
function madeServerId(): string {
  const machine = hostname()
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .slice(0, 40);
  return `${machine}-${randomBytes(4).toString('hex')}`;
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new ConfigError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

function requireFolder(dataDir: string): void {
  if (statSync(dataDir, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new ConfigError(`DATA_DIR cannot be used (${dataDir} is not a folder)`);
  }
}

/** A secret that is made once and kept in a file of this name. */
function keptSecret(dataDir: string, name: string, deleted: string): string {
  const path = join(dataDir, name);
  const kept = textOf(path)?.trim();
  if (kept !== undefined) {
    if (Buffer.byteLength(kept) >= SECRET_BYTES) return kept;
    throw new ConfigError(`${path} must hold at least ${SECRET_BYTES} bytes: delete it, and ${deleted}`);
  }
  const made = randomBytes(48).toString('base64url');
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(draft, `${made}\n`, { mode: 0o600, flag: 'wx' });
    // A link, unlike a rename, does not replace what a second start has put there meanwhile; and it is whole at once.
    linkSync(draft, path);
    return made;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return keptSecret(dataDir, name, deleted);
    throw new ConfigError(`DATA_DIR cannot be used (${(error as Error).message})`);
  } finally {
    rmSync(draft, { force: true });
  }
}
