import type { Message, UploadedFile } from '@sori/contract';
import { photo } from '@sori/testkit/media';
import { attach, jsonOf, raw, readFile, sendFile, upload } from '../../testing/files.js';
import type { Someone, TestServer } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';

/** Who may read a file, and that nobody else can tell that it is there. */

const server = useServer();
let alice: Someone;
let bob: Someone;
let carol: Someone;
let picture: Buffer;
beforeAll(async () => {
  [alice, bob, carol] = await server.people('alice', 'bob', 'carol');
  picture = await photo({ width: 900, height: 600 });
});

const nowhere = 'f'.repeat(24);
const send = async (sender: Someone, to: string): Promise<{ file: UploadedFile; message: Message }> => {
  const file = await upload(server, sender, picture, { name: 'a.jpg', type: 'image/jpeg' });
  return { file, message: await attach(sender, to, file) };
};

type Reader = Pick<Someone, 'cookie'>;
const signedOut: Reader = { cookie: '' };

/** The file, its thumbnail and a part of it; what is not readable is answered like what is not there. */
async function mayRead(reader: Reader, { _id }: { _id: string }): Promise<boolean> {
  const asked: { query?: string; headers?: Record<string, string> }[] = [
    {},
    { query: '?size=thumb' },
    { headers: { range: 'bytes=0-9' } },
    { headers: { 'if-none-match': '*' } },
  ];
  const answers = await Promise.all(asked.map((how) => readFile(server, reader, _id, how)));
  const absent = await readFile(server, reader, nowhere);
  const refused = answers.filter(({ status }) => status === 404);
  for (const answer of refused) {
    expect(answer.bytes.equals(absent.bytes)).toBe(true);
    const without = ({ headers }: typeof answer) =>
      [...headers.entries()].filter(([name]) => name !== 'x-request-id' && name !== 'date');
    expect(without(answer)).toEqual(without(absent));
  }
  if (refused.length > 0) expect(refused).toHaveLength(asked.length);
  return refused.length === 0;
}

describe('an upload that is not sent', () => {
  it('is readable by whoever brought it alone', async () => {
    const file = await upload(server, alice, picture);
    expect(await mayRead(alice, file)).toBe(true);
    for (const reader of [bob, signedOut]) expect(await mayRead(reader, file)).toBe(false);
  });

  it('that was claimed for a message which is not there is still theirs', async () => {
    const { file, message } = await send(alice, bob._id);
    await server.store.connection
      .collection('entries')
      .updateOne({ clientId: message.clientId ?? '' }, { $set: { clientId: 'of-another-one' } });
    expect(await mayRead(alice, file)).toBe(true);
    expect(await mayRead(bob, file)).toBe(false);
  });
});

describe('a file of a direct conversation', () => {
  it('is readable by both, and by nobody else', async () => {
    const { file } = await send(alice, bob._id);
    for (const reader of [alice, bob]) expect(await mayRead(reader, file)).toBe(true);
    for (const reader of [carol, signedOut]) expect(await mayRead(reader, file)).toBe(false);
  });

  it('is there for nobody once its message is deleted', async () => {
    const { file, message } = await send(alice, bob._id);
    expect(await mayRead(bob, file)).toBe(true);
    expect((await alice.call('DELETE', `/api/messages/${message._id}`)).status).toBe(200);
    for (const reader of [alice, bob]) expect(await mayRead(reader, file)).toBe(false);
  });

  it('is hidden from whoever blocked its sender', async () => {
    const [dave, erin] = await server.people('dave', 'erin');
    await erin.say(dave._id, 'hello');
    expect((await erin.call('PUT', `/api/users/${dave._id}/block`)).status).toBeLessThan(300);
    const { file } = await send(dave, erin._id);
    expect(await mayRead(dave, file)).toBe(true);
    expect(await mayRead(erin, file)).toBe(false);
  });

  it('is not readable any more by whoever logged out', async () => {
    const { file } = await send(alice, bob._id);
    const elsewhere = await server.elsewhere(bob);
    expect(await mayRead(elsewhere, file)).toBe(true);
    await elsewhere.post('/api/auth/logout');
    expect(await mayRead(elsewhere, file)).toBe(false);
  });

  it('is readable by an admin while it is reported, and no longer', async () => {
    const admin = await server.person('admin');
    await server.store.connection
      .collection('users')
      .updateOne({ username: admin.name }, { $set: { admin: true } });
    const { file, message } = await send(alice, bob._id);
    expect(await mayRead(admin, file)).toBe(false);
    await bob.post('/api/reports', { messageId: message._id, reason: 'rude' });
    expect(await mayRead(admin, file)).toBe(true);
    expect(await mayRead(carol, file)).toBe(false);
    const { body } = await admin.get<{ _id: string }[]>('/api/admin/reports?state=open');
    const [report] = Array.isArray(body) ? body : [];
    await admin.post(`/api/admin/reports/${report?._id ?? ''}/resolve`, { action: 'dismiss' });
    expect(await mayRead(admin, file)).toBe(false);
  });
});

describe('a file of a group', () => {
  it('is not readable by whoever was removed, or came later without the history', async () => {
    const { body: group } = await alice.post<{ _id: string }>('/api/conversations', {
      name: 'Us',
      memberIds: [bob._id],
      history: 'since-joining',
    });
    const { file } = await send(alice, group._id);
    expect(await mayRead(bob, file)).toBe(true);
    await alice.post(`/api/conversations/${group._id}/members`, { userIds: [carol._id] });
    expect(await mayRead(carol, file)).toBe(false);
    const later = await send(alice, group._id);
    expect(await mayRead(carol, later.file)).toBe(true);
    await alice.call('DELETE', `/api/conversations/${group._id}/members/${bob._id}`);
    expect(await mayRead(bob, file)).toBe(false);
    expect(await mayRead(bob, later.file)).toBe(false);
  });
});

describe('a room', () => {
  let guest: Awaited<ReturnType<TestServer['guest']>>;
  let other: typeof guest;
  let roomId: string;
  beforeAll(async () => {
    for (const slug of ['kitchen', 'cellar'])
      await alice.post('/api/rooms', { name: slug, slug, language: 'en' });
    guest = await server.guest('kitchen', 'Gil');
    other = await server.guest('cellar', 'Sam');
    roomId = guest.room._id;
  });

  it('has files for its guests, and for no others', async () => {
    const { file } = await send(alice, roomId);
    expect(await mayRead(guest, file)).toBe(true);
    for (const reader of [other, carol, signedOut]) expect(await mayRead(reader, file)).toBe(false);
  });

  it('takes files of its guests where its owner says so', async () => {
    expect(guest.room.guestFiles).toBe(false);
    const refusedBy = async () => jsonOf(await sendFile(server, guest, 'x'));
    expect(await refusedBy()).toMatchObject({ code: 'REFUSED', details: { reason: 'guestFiles' } });
    const changed = await alice.call<{ guestFiles: boolean }>('PATCH', '/api/rooms/kitchen', {
      guestFiles: true,
    });
    expect(changed.body).toMatchObject({ guestFiles: true });
    const { file } = await send(guest, roomId);
    expect(await mayRead(alice, file)).toBe(true);
    expect(await mayRead(other, file)).toBe(false);
    expect(jsonOf(await sendFile(server, other, 'x'))).toMatchObject({ code: 'REFUSED' });
    await alice.post('/api/rooms/kitchen/kick', { userId: guest._id });
    expect(await mayRead(guest, file)).toBe(false);
    expect((await sendFile(server, guest, 'x')).status).toBe(401);
  });
});

it('does not tell what is no id from anything', async () => {
  expect((await raw(server, '/api/files/nothing')).status).toBe(400);
});
