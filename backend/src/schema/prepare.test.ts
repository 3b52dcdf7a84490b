import { Writable } from 'node:stream';
import { pino } from 'pino';
import { connectDatabase, type Store } from '../database/connect.js';
import { startEngine, type TestEngine } from '../testing/engine.js';
import { until } from '../testing/program.js';
import { startServer } from '../testing/server.js';
import type { Migration } from './migration.js';
import { migrations as ours } from './migrations/index.js';
import { type PrepareDeps, prepareSchema } from './prepare.js';
import { readVersions, raiseVersion } from './versions.js';

let engine: TestEngine;
let store: Store;
let other: Store;
let logged: string[];
const log = pino(
  { level: 'debug' },
  new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged.push(chunk.toString());
      done();
    },
  }),
);
beforeAll(async () => {
  engine = await startEngine();
  [store, other] = await Promise.all([connectDatabase(engine.uri), connectDatabase(engine.uri)]);
});
beforeEach(async () => {
  logged = [];
  for (const name of ['meta', 'leases', 'notes']) await store.connection.collection(name).deleteMany({});
});
afterAll(async () => {
  await store.close();
  await other.close();
  await engine.stop();
});

interface Note {
  text: string;
  length?: number;
}
const notes = () => store.connection.collection<Note>('notes');
const isOld = { length: { $exists: false } };

/** A promise that the test resolves. */
function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}

/** Says of each note how long it is, one at a time. */
const lengths = (
  more: Partial<Migration> & { beforeEach?: (note: Note) => Promise<void> | void } = {},
): Migration => ({
  number: 1,
  name: 'lengths of notes',
  meanwhile: false,
  async run({ changed }) {
    for (;;) {
      const note = await notes().findOne(isOld);
      if (!note) return;
      await more.beforeEach?.(note);
      await notes().updateOne({ _id: note._id }, { $set: { length: note.text.length } });
      changed(1);
    }
  },
  ...more,
});

const prepare = (migrations: readonly Migration[], deps: Partial<PrepareDeps> = {}) =>
  prepareSchema({ store, log, indexes: {}, migrations, lookEveryMs: 5, ...deps });
const writeNotes = (count: number) =>
  notes().insertMany(Array.from({ length: count }, (_, index) => ({ text: 'x'.repeat(index) })));
const old = () => notes().countDocuments(isOld);
const schemaVersion = async () => (await readVersions(store.connection)).schemaVersion;

describe('our own migrations', () => {
  it('are numbered without gaps', () => {
    expect(ours.map(({ number }) => number)).toEqual(ours.map((_, index) => index + 1));
  });

  it('leave nothing to be done on a fresh database, and the next start does not ask for the lease', async () => {
    await (
      await prepareSchema({ store, log })
    ).done;
    expect(await readVersions(store.connection)).toEqual({ schemaVersion: ours.length, oldestProgram: 2 });
    await store.connection.collection('leases').drop();
    await (
      await prepareSchema({ store, log })
    ).done;
    const collections = (await store.connection.db?.listCollections().toArray()) ?? [];
    expect(collections.map(({ name }) => name)).not.toContain('leases');
  });

  it('bring data of before there were versions to today’s form, and its people find each other', async () => {
    const users = store.connection.collection('users');
    const one = { fullName: 'Methuselah', passwordHash: '', createdAt: new Date(), updatedAt: new Date() };
    await users.insertMany([
      { ...one, username: 'belIa', usernameKey: 'belia' },
      { ...one, username: 'bella', usernameKey: 'bella', searchKeys: ['old'], searchKeysVersion: 1 },
    ]);
    const server = await startServer({ engine });
    try {
      const alice = await server.person('alice');
      const found = await alice.get<{ username: string }[]>('/api/users?search=methus');
      expect(found.body.map(({ username }) => username).sort()).toEqual(['belIa', 'bella']);
      const forms = (await users.find({ fullName: 'Methuselah' }).sort({ _id: 1 }).toArray()).map(
        ({ usernameForm }) => usernameForm as unknown,
      );
      expect(forms).toEqual(['bella', expect.stringMatching(/^bella [0-9a-f]{24}$/)]);
      expect(await schemaVersion()).toBe(ours.length);
    } finally {
      await server.close();
    }
    expect(server.bugs()).toEqual([]);
  });

  it('are done again for rows that an older server has written meanwhile', async () => {
    await (
      await prepareSchema({ store, log })
    ).done;
    const users = store.connection.collection('users');
    await users.insertOne({ fullName: 'Late', username: 'late', usernameKey: 'late' });
    await (
      await prepareSchema({ store, log })
    ).done;
    expect(await users.findOne({ username: 'late' })).toMatchObject({ usernameForm: 'late' });
    expect(await users.findOne({ username: 'late' })).toHaveProperty('searchKeys');
  });
});

describe('a migration', () => {
  it('is done before the server serves, once, and in its turn', async () => {
    await writeNotes(3);
    const done: string[] = [];
    const second: Migration = {
      number: 2,
      name: 'second',
      meanwhile: false,
      run: () => Promise.resolve(void done.push('second')),
    };
    const first = lengths({ beforeEach: () => void done.push('first') });
    await prepare([first, second]);
    expect(done).toEqual(['first', 'first', 'first', 'second']);
    expect(await schemaVersion()).toBe(2);
    await prepare([first, second]);
    expect(done).toHaveLength(4);
    // Counts, and nothing of what is in the rows.
    expect(logged.join('')).toContain('"rows":3');
    expect(logged.join('')).not.toContain('xx');
  });

  it('that was ended between two batches is taken up by the next start where it was', async () => {
    await writeNotes(5);
    const [reached, goOn] = [gate(), gate()];
    let seen = 0;
    const slow = lengths({
      meanwhile: true,
      async beforeEach() {
        seen += 1;
        if (seen < 3) return;
        reached.open();
        await goOn.opened;
      },
    });
    const preparation = await prepare([slow], { waitAtMostMs: 1 });
    await reached.opened;
    const closed = preparation.close();
    goOn.open();
    await closed;
    expect(seen).toBe(3);
    expect(await old()).toBe(2);
    expect(await schemaVersion()).toBe(0);
    await (
      await prepare([slow])
    ).done;
    expect(seen).toBe(5);
    expect(await old()).toBe(0);
    expect(await schemaVersion()).toBe(1);
  });

  it('is taken up by the next start where the database died in the middle of it', async () => {
    await writeNotes(4);
    let killed = false;
    const deadly = lengths({
      async beforeEach({ text }) {
        if (killed || text.length < 2) return;
        killed = true;
        engine.kill();
        await engine.restarted();
      },
    });
    // The row under its hands at that moment may be written or not.
    await prepare([deadly]).catch(() => prepare([deadly]));
    expect(killed).toBe(true);
    expect(await old()).toBe(0);
    expect(await schemaVersion()).toBe(1);
  });

  it('is done once where two servers start at once, and both wait for it', async () => {
    await writeNotes(4);
    const counted: string[] = [];
    const looked = gate();
    const only = (who: string): Migration =>
      lengths({
        async beforeEach({ text }) {
          counted.push(`${who}${text.length}`);
          // Until the other one has been refused the lease, and waits.
          await looked.opened;
        },
        isLeft: () => Promise.resolve(false),
      });
    const first = prepare([only('a')]);
    await until(() => counted.length === 1);
    const second = prepare([only('b')], { store: other });
    await until(() => logged.some((line) => line.includes('Another server prepares the database')));
    looked.open();
    await Promise.all([first, second]);
    expect(counted.sort()).toEqual(['a0', 'a1', 'a2', 'a3']);
    expect(await schemaVersion()).toBe(1);
  });

  it('that takes long does not keep a server from serving that may serve meanwhile', async () => {
    await writeNotes(2);
    const goOn = gate();
    const slow = lengths({ meanwhile: true, beforeEach: () => goOn.opened });
    const preparation = await prepare([slow], { waitAtMostMs: 1 });
    expect(await schemaVersion()).toBe(0);
    expect(logged.join('')).toContain('The server begins to serve');
    // Nor the other one, which waits for the same.
    const beside = await prepare([slow], { waitAtMostMs: 1, store: other });
    expect(await schemaVersion()).toBe(0);
    goOn.open();
    await Promise.all([preparation.done, beside.done]);
    expect(await schemaVersion()).toBe(1);
    expect(await old()).toBe(0);
  });

  it('that the server cannot serve without is waited for, however long it takes', async () => {
    await writeNotes(1);
    const order: string[] = [];
    const goOn = gate();
    const needed = lengths({
      async beforeEach() {
        await goOn.opened;
        order.push('migrated');
      },
    });
    const started = prepare([needed], { waitAtMostMs: 1 }).then(() => order.push('started'));
    // The limit is long over when another start has come to its own.
    await prepare([], { waitAtMostMs: 1, store: other });
    goOn.open();
    await started;
    expect(order).toEqual(['migrated', 'started']);
  });

  it('that fails keeps the server from starting where it is needed', async () => {
    await writeNotes(1);
    const beforeEach = () => Promise.reject(new Error('cannot be done'));
    await expect(prepare([lengths({ beforeEach })])).rejects.toThrow('cannot be done');
    expect(await schemaVersion()).toBe(0);
    expect(await store.connection.collection('leases').countDocuments()).toBe(0);
  });

  it('that fails while the server serves is tried again', async () => {
    await writeNotes(2);
    let tries = 0;
    const beforeEach = () => {
      tries += 1;
      if (tries < 3) throw new Error('not now');
    };
    const flaky = lengths({ meanwhile: true, beforeEach });
    await (
      await prepare([flaky], { retryAfterMs: 1 })
    ).done;
    expect(await old()).toBe(0);
    expect(await schemaVersion()).toBe(1);
    expect(logged.filter((line) => line.includes('it will be tried again'))).toHaveLength(2);
  });

  it('goes on on another server where the lease was lost', async () => {
    await writeNotes(3);
    let stolen = false;
    const robbed = lengths({
      async beforeEach() {
        if (stolen) return;
        stolen = true;
        const leases = store.connection.collection<{ _id: string }>('leases');
        const expiresAt = new Date((await store.now()).getTime() + 400);
        await leases.updateOne({ _id: 'schema' }, { $set: { owner: 'another', expiresAt } });
        await until(async () => (await store.now()) > expiresAt);
      },
    });
    await prepare([robbed], { lease: { ms: 150 } });
    expect(await old()).toBe(0);
    expect(await schemaVersion()).toBe(1);
  });

  it('says which program is the oldest that may come after it, before it changes anything', async () => {
    await writeNotes(1);
    let oldest: unknown;
    const breaking = lengths({
      oldestProgram: 1,
      async beforeEach() {
        oldest = (await readVersions(store.connection)).oldestProgram;
      },
    });
    await prepare([breaking]);
    expect(oldest).toBe(1);
  });
});

describe('data of a newer program', () => {
  it('is used where that allows it, and left as it is', async () => {
    await raiseVersion(store.connection, 'schemaVersion', ours.length + 5);
    const users = store.connection.collection('users');
    await users.updateOne({ username: 'late' }, { $set: { usernameForm: 'newer', usernameFormVersion: 99 } });
    await users.createIndex({ former: 1 }, {}, {});
    const indexes = { users: { indexes: [], former: ['former_1'] } };
    await (
      await prepareSchema({ store, log, indexes })
    ).done;
    expect(await users.findOne({ username: 'late' })).toMatchObject({ usernameForm: 'newer' });
    expect((await users.indexes()).map(({ name }) => name)).toContain('former_1');
    expect(await schemaVersion()).toBe(ours.length + 5);
    expect(logged.join('')).toContain('The data is of a newer Sori');
  });

  it('is not touched where it needs a newer program', async () => {
    await raiseVersion(store.connection, 'oldestProgram', 99);
    await writeNotes(1);
    await expect(prepare([lengths()])).rejects.toThrow('needs at least program version 99');
    expect(await old()).toBe(1);
  });
});
