import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startServer, type TestServer } from '../testing/server.js';
import { useServer } from '../testing/use-server.js';

const server = useServer({ settings: { METRICS_TOKEN: 'a token' } });

const read = (token = 'Bearer a token', of: TestServer = server) =>
  fetch(`${of.url}/metrics`, { headers: { authorization: token } });

/** Every number of the text, by its name and labels as they stand there. */
async function numbers(): Promise<Record<string, number>> {
  const text = await (await read()).text();
  return Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line): [string, number] => {
        const space = line.lastIndexOf(' ');
        return [line.slice(0, space), Number(line.slice(space + 1))];
      }),
  );
}

/** How much each of these numbers grew while `work` went on. */
async function grown(work: () => Promise<unknown>, ...names: string[]): Promise<number[]> {
  const before = await numbers();
  await work();
  const after = await numbers();
  return names.map((name) => (after[name] ?? 0) - (before[name] ?? 0));
}

describe('who may read the metrics', () => {
  it('is whoever shows the token', async () => {
    const answer = await read();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  it.each(['', 'a token', 'Bearer another', 'Bearer a tokens', 'Basic a token', 'Bearer '])(
    'is not whoever shows "%s": to them there is nothing',
    async (authorization) => {
      const answer = await read(authorization);
      expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'NOT_FOUND' }]);
    },
  );

  it('is not somebody who is signed in', async () => {
    const alice = await server.person('alice');
    expect((await alice.get('/metrics')).status).toBe(404);
  });

  it('is whoever can read the file where no token is set', async () => {
    const other = await startServer({ engine: server.engine });
    try {
      const file = join(server.engine.dataDir, 'metrics-token');
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect((await read(`Bearer ${readFileSync(file, 'utf8').trim()}`, other)).status).toBe(200);
      expect((await read('Bearer ', other)).status).toBe(404);
    } finally {
      await other.close();
    }
  });
});

describe('the metrics', () => {
  it('all have a help text and a type', async () => {
    const lines = (await (await read()).text()).split('\n');
    const named = (what: string) =>
      lines.filter((line) => line.startsWith(`# ${what} `)).map((line) => line.split(' ')[2]);
    expect(named('HELP')).toEqual(named('TYPE'));
    expect(named('HELP')).toEqual(
      expect.arrayContaining([
        'sori_sends_total',
        'sori_deliveries_total',
        'sori_append_batch_entries',
        'sori_append_seconds',
        'sori_append_queue_entries',
        'sori_heads_behind',
        'sori_sockets',
        'sori_refusals_total',
        'sori_request_seconds',
        'sori_slow_readers_total',
        'sori_database_up',
      ]),
    );
    for (const line of lines.filter((one) => one.startsWith('# HELP '))) {
      expect(line.split(' ').slice(3).join(' ')).toMatch(/\S{3,}/);
    }
  });

  it('count a message once by its door, and not again where it is repeated', async () => {
    const [alice, bob] = await server.people('alice', 'bob');
    const tab = await bob.sori();
    const twice = { message: 'hello', clientId: 'the-same' };
    const sends = ['sori_sends_total{door="rest"}', 'sori_sends_total{door="socket"}'];
    const counted = await grown(
      async () => {
        await alice.post(`/api/messages/send/${bob._id}`, twice);
        await alice.post(`/api/messages/send/${bob._id}`, twice);
        await tab.ask('message:send', { to: alice._id, clientId: 'once', message: 'hello' });
        await tab.next('newMessage');
      },
      ...sends,
      'sori_append_seconds_count',
    );
    expect(counted.slice(0, 2)).toEqual([1, 1]);
    expect(counted[2]).toBeGreaterThan(0);
  });

  it('count what was delivered by the connections that it was emitted to', async () => {
    const [alice, bob] = await server.people('alice', 'bob');
    const tabs = [await bob.sori(), await bob.sori(), await alice.sori()];
    const counted = await grown(async () => {
      await alice.say(bob._id, 'to three connections');
      await Promise.all(tabs.map((tab) => tab.next('newMessage')));
    }, 'sori_deliveries_total');
    expect(counted).toEqual([3]);
  });

  it('count the sockets of each kind, and no longer those that are gone', async () => {
    const alice = await server.person('alice');
    const kinds = ['account', 'tutorial', 'open'].map((kind) => `sori_sockets{kind="${kind}"}`);
    let closing: (() => void)[] = [];
    const came = await grown(
      async () => {
        const [tab, tutorial] = [await alice.sori(), await alice.tutorial()];
        const plain = server.connect({}, '/open');
        await plain.ask('newUser', '길동');
        closing = [tab, tutorial, plain].map(
          ({ socket }) =>
            () =>
              socket.disconnect(),
        );
      },
      ...kinds,
    );
    expect(came).toEqual([1, 1, 1]);
    const here = await numbers();
    for (const close of closing) close();
    for (;;) {
      const now = await numbers();
      if (kinds.every((kind) => (now[kind] ?? 0) === (here[kind] ?? 0) - 1)) break;
    }
  });

  it('count what was refused by its code, at each door', async () => {
    const alice = await server.person('alice');
    const tab = await alice.sori();
    const counted = await grown(
      async () => {
        await alice.get('/api/no-such-thing');
        await tab.ask('message:send', 'nonsense');
        await tab.ask('no:such', {});
        const stranger = server.connect({ auth: { token: 'nobody', protocol: 1 } });
        await new Promise((resolve) => stranger.socket.once('connect_error', resolve));
      },
      'sori_refusals_total{code="NOT_FOUND"}',
      'sori_refusals_total{code="INVALID"}',
      'sori_refusals_total{code="UNAUTHENTICATED"}',
    );
    expect(counted).toEqual([1, 2, 1]);
  });

  it('say that the database is there', async () => {
    expect((await numbers())['sori_database_up']).toBe(1);
  });

  it('hold neither names nor texts', async () => {
    const [alice, bob] = await server.people('alice', 'bob');
    await alice.say(bob._id, 'a secret text');
    await alice.get('/api/users/somebody-secret');
    const text = await (await read()).text();
    expect(text).toContain('sori_sends_total');
    expect(text).not.toMatch(/secret|alice|bob/);
  });
});
