import { jsonOf, raw, sendFile, tusOf, upload } from '../../testing/files.js';
import type { Someone } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';

const mebibyte = 1024 * 1024;

/** A body that is begun and not ended until it is told to. */
function held(first: Uint8Array) {
  let end: () => void = () => undefined;
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(first);
      end = () => controller.close();
    },
  });
  return { body, end: () => end() };
}

describe('of one person', () => {
  const server = useServer();
  const rows = (name: string) => server.store.connection.collection(name);
  let alice: Someone;
  let bob: Someone;
  beforeEach(async () => {
    [alice, bob] = await server.people('alice', 'bob');
  });

  it('four files are received at the same time, and no more', async () => {
    const bodies = [1, 2, 3, 4].map(() => held(new Uint8Array(10)));
    const sent = bodies.map(({ body }) =>
      raw(server, '/api/files', {
        method: 'POST',
        headers: { cookie: alice.cookie },
        body,
        duplex: 'half',
      }),
    );
    while ((await rows('files').countDocuments({ state: 'receiving' })) < 4);
    expect(jsonOf(await sendFile(server, alice, 'x'))).toMatchObject({ code: 'RATE_LIMITED' });
    expect((await sendFile(server, bob, 'x')).status).toBe(201);
    bodies.forEach(({ end }) => end());
    for (const { status } of await Promise.all(sent)) expect(status).toBe(201);
    expect((await sendFile(server, alice, 'x')).status).toBe(201);
  });

  it('fifty uploads are unfinished, and no more, also at the same time', async () => {
    const tus = tusOf(server, alice);
    const answers = await Promise.all(Array.from({ length: 60 }, () => tus.create(10)));
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused.map((answer) => jsonOf(answer).code)).toEqual(Array(10).fill('RATE_LIMITED'));
    expect((await tusOf(server, bob).create(10)).status).toBe(201);
    const [first] = answers.filter(({ status }) => status === 201);
    await tus.patch(first?.headers.get('location') ?? '', 0, new Uint8Array(10));
    expect((await tus.create(10)).status).toBe(201);
  });
});

describe('a quota for each person', () => {
  const server = useServer({ settings: { STORAGE_QUOTA_MIB_PER_USER: '2' } });

  it('is not exceeded, also by many at the same time', async () => {
    const [alice, bob] = await server.people('alice', 'bob');
    const tus = tusOf(server, alice);
    const answers = await Promise.all(Array.from({ length: 8 }, () => tus.create(mebibyte / 2)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, 201, 201, 201, 507, 507, 507, 507]);
    expect(jsonOf(await sendFile(server, alice, 'x'))).toMatchObject({ code: 'STORAGE_FULL' });
    await upload(server, bob, new Uint8Array(2 * mebibyte));
    // What is given up makes room.
    const [first] = answers.filter(({ status }) => status === 201);
    expect((await tus.ask('DELETE', first?.headers.get('location') ?? '')).status).toBe(204);
    expect((await tus.create(mebibyte / 2)).status).toBe(201);
  });
});

describe('a quota for all', () => {
  const server = useServer({ settings: { STORAGE_QUOTA_MIB: '2' } });

  it('is not exceeded, also by many at the same time', async () => {
    const people = await server.people('alice', 'bob', 'carol', 'dave');
    const answers = await Promise.all(
      people.flatMap((one) => [1, 2].map(() => tusOf(server, one).create(mebibyte / 2))),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, 201, 201, 201, 507, 507, 507, 507]);
  });
});
