import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Person } from '@sori/contract';
import request from 'supertest';
import { connectDatabase } from '../database/connect.js';
import { accountRoutes } from '../features/accounts/account.routes.js';
import { type AccountsDeps, createAccounts } from '../features/accounts/account.service.js';
import { createPasswords } from '../features/accounts/passwords.js';
import { peopleRoutes } from '../features/people/people.routes.js';
import { createPeople, toPerson } from '../features/people/people.service.js';
import { searchKeysOf } from '../features/people/search-keys.js';
import { endMiddleware, useMiddleware } from '../http/middleware.js';
import { servePage } from '../http/page.js';
import { mountRoutes } from '../http/routes.js';
import { createLimits, type LimitSettings } from '../limits/limits.js';
import { prepareSchema } from '../schema/prepare.js';
import { startEngine, type TestEngine } from './engine.js';
import { keptLog } from './kept-log.js';
import { refuseUnlisted } from './unlisted.js';

export const noLimits: LimitSettings = {
  signupsPerAddressHour: 0,
  loginFailuresPerAccount: 0,
  loginFailuresPerAddress: 0,
  sendsPerUser10s: 0,
  eventsPerSocket10s: 0,
  requestsPerUser10s: 0,
  requestsPerAddress10s: 0,
  addsPerUserHour: 0,
  loginsPerAddressMinute: 0,
  roomsPerUserHour: 0,
  comingsPerRoom10s: 0,
  reportsPerUserHour: 0,
};

export interface AccountsAppOptions {
  /** Another server on the same database; it is stopped by whoever started it. */
  engine?: TestEngine;
  allowedOrigins?: string[];
  trustProxyHops?: number;
  sessionTtlSeconds?: number;
  limits?: Partial<LimitSettings>;
  dataDir?: string;
  /** Cheap by default: most tests are not about how long a hash takes. */
  passwordCost?: number;
  passwords?: AccountsDeps['passwords'];
  page?: string;
  now?: () => number;
}

export const password = 'correct horse';

export const formOf = (username: string, fullName = username): Record<string, unknown> => ({
  fullName,
  username,
  password,
  confirmPassword: password,
});

/** The name and value of the session cookie in an answer. */
export const cookieIn = ({ headers }: { headers: Record<string, unknown> }): string => {
  const cookies = headers['set-cookie'];
  const found = Array.isArray(cookies) ? cookies.map(String).find((cookie) => cookie.startsWith('jwt=')) : '';
  return found?.split(';', 1)[0] ?? '';
};

export type AccountsApp = Awaited<ReturnType<typeof startAccountsApp>>;

/** Accounts and people behind the real middleware on the real database, and nothing else of the messenger. */
export async function startAccountsApp(options: AccountsAppOptions = {}) {
  const engine = options.engine ?? (await startEngine());
  const store = await connectDatabase(engine.uri);
  const config = {
    jwtSecret: 'a secret of more than thirty-two bytes',
    sessionTtlSeconds: options.sessionTtlSeconds ?? 3_600,
    allowedOrigins: options.allowedOrigins ?? [],
    allowedHosts: [],
    trustProxyHops: options.trustProxyHops ?? 0,
    dataDir: options.dataDir ?? engine.dataDir,
  };
  const ended: { sessionId: string; reason: string }[] = [];
  const shownCodes: string[] = [];
  const { log, logged } = keptLog();
  const limits = createLimits({ ...noLimits, ...options.limits });
  const people = createPeople({ store });
  const accounts = createAccounts({
    store,
    config,
    log,
    limits,
    toPerson,
    searchKeysOf,
    emit: { endSession: (sessionId, reason) => void ended.push({ sessionId, reason }) },
    showAdminCode: (code) => void shownCodes.push(code),
    passwords: options.passwords ?? createPasswords({ cost: options.passwordCost ?? 4 }),
    ...(options.now && { now: options.now }),
  });
  const schema = await prepareSchema({ store, log });
  await accounts.prepare();

  const app = useMiddleware(express(), { config, log });
  mountRoutes(
    app,
    { ...accountRoutes(accounts, config), ...peopleRoutes(people) },
    {
      account: accounts.authenticate,
      visitor: accounts.authenticate,
      seen: () => Promise.resolve(),
      isAdmin: accounts.isAdmin,
      countEmits: () => Promise.resolve(),
      report: (bug) => log.error({ bug: String(bug) }, 'A bug'),
    },
  );
  app.post('/api/echo', (req, res) => void res.json(req.body));
  app.get('/api/bug', () => {
    throw new Error('the secret of the bug');
  });
  endMiddleware(app, { log, ...(options.page !== undefined && { page: servePage(options.page) }) });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  return {
    url,
    port,
    engine,
    store,
    accounts,
    people,
    limits,
    ended,
    shownCodes,
    logged,
    ask: () => request(url),

    async signUp(username: string, fullName = username): Promise<{ person: Person; cookie: string }> {
      const answer = await request(url).post('/api/auth/signup').send(formOf(username, fullName));
      if (answer.status !== 201) throw new Error(`Sign-up of ${username}: ${answer.text}`);
      return { person: answer.body as Person, cookie: cookieIn(answer) };
    },
    logIn: (username: string, given: unknown = password) =>
      request(url).post('/api/auth/login').send({ username, password: given }),

    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await schema.close();
      await accounts.close();
      await store.close();
      if (options.engine === undefined) await engine.stop();
      refuseUnlisted(logged);
    },
  };
}
