import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';

import { parse } from 'dotenv';
import { z } from 'zod';
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
  /** 0 switches a limit off. */
  limits: LimitSettings & {
    /** At the same time. */
    openSocketsPerAddress: number;
  };
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Settings that cannot be used, all of them in one message. The program ends with code 78 (EX_CONFIG of sysexits.h). */
export class ConfigError extends Error {
  static readonly exitCode = 78;
}

const SECRET_BYTES = 32;

const whole = (minimum: number, maximum = Number.MAX_SAFE_INTEGER) =>
  z
    .string()
    // Number() alone would also take "", " 7 ", "0x10" and "1e3".
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, {
      error:
        maximum === Number.MAX_SAFE_INTEGER
          ? `must be at least ${minimum}`
          : `must be from ${minimum} to ${maximum}`,
    });

const flag = z.enum(['0', '1'], { error: 'must be 0 or 1' }).transform((value) => value === '1');

const address = (...protocols: string[]) =>
  z.string().refine((value) => protocols.some((protocol) => value.startsWith(`${protocol}://`)), {
    error: `must begin with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}`,
  });

function originOf(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { origin, pathname, search, hash } = new URL(text);
  return origin !== 'null' && pathname === '/' && search === '' && hash === '' ? origin : null;
}

const origins = z.string().transform((value, context) => {
  const parts = value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const found = parts.map(originOf);
  const wrong = parts.find((_, index) => found[index] === null);
  if (wrong !== undefined) {
    context.addIssue({
      code: 'custom',
      message: `has "${wrong}", which is not an origin like https://chat.example.org`,
    });
  }
  return found.filter((origin) => origin !== null);
});

const hosts = z.string().transform((value, context) => {
  const parts = value
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== '');
  const wrong = parts.find(
    (part) =>
      !URL.canParse(`http://${part}`) || new URL(`http://${part}/`).pathname !== '/' || /[/?#@]/.test(part),
  );
  if (wrong !== undefined) {
    context.addIssue({
      code: 'custom',
      message: `has "${wrong}", which is not a host like chat.example.org`,
    });
  }
  return parts;
});

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

/** With several servers, what each would make for itself has to be the same everywhere. */
const togetherWrong = ({ REDIS_URL, JWT_SECRET }: Readonly<Record<string, string | undefined>>): string[] =>
  REDIS_URL !== undefined && JWT_SECRET === undefined
    ? ['  JWT_SECRET must be set where REDIS_URL is: all servers need the same one']
    : [];

/** The names of all settings, as `.env.example` must show them. */
export const SETTING_NAMES = Object.keys(Settings.shape);

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
