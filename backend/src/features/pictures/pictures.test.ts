import type { Conversation, Person, WireError } from '@sori/contract';
import { photo, svgWithScript, transparentPng } from '@sori/testkit/media';
import sharp from 'sharp';
import { raw } from '../../testing/files.js';
import { createSkippingClock } from '../../testing/fake-clock.js';
import type { Someone } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';

const clock = createSkippingClock();
const server = useServer({ clock });
let alice: Someone;
let bob: Someone;
let carol: Someone;
beforeAll(async () => {
  [alice, bob, carol] = await server.people('alice', 'bob', 'carol');
  await alice.say(bob._id, 'hello');
});

/** Whatever is answered: a test looks at one of them. */
type Body = Person & Conversation & WireError;

async function put(who: Someone, path: string, bytes: Uint8Array): Promise<{ status: number; body: Body }> {
  const answer = await raw(server, path, {
    method: 'PUT',
    headers: { cookie: who.cookie, 'content-type': 'image/jpeg' },
    body: new Uint8Array(bytes),
  });
  return { status: answer.status, body: JSON.parse(answer.bytes.toString()) as Body };
}
const choose = (who: Someone, bytes: Uint8Array) => put(who, '/api/me/picture', bytes);
const see = (address: string) => raw(server, address);
const remains = () => server.store.connection.collection('pictures').countDocuments();

describe('a picture of oneself', () => {
  it('is cut to a square, is upright and says nothing else; everybody gets it from an address of its own', async () => {
    const before = (await alice.get<Person>(`/api/users/${alice._id}`)).body;
    const { status, body } = await choose(alice, await photo({ width: 900, height: 700, orientation: 6 }));
    expect(status).toBe(200);
    expect(body).toEqual({
      ...before,
      profilePic: expect.stringMatching(/^\/api\/pictures\/[0-9a-f]{40}\.jpg$/) as string,
    });
    expect((await bob.get<Person>(`/api/users/${alice._id}`)).body).toEqual(body);
    expect((await alice.get<Person>('/api/auth/me')).body.profilePic).toBe(body.profilePic);
    const { status: found, headers, bytes } = await see(body.profilePic);
    expect(found).toBe(200);
    expect(headers.get('content-type')).toBe('image/jpeg');
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    const { width, height, exif } = await sharp(bytes).metadata();
    expect([width, height, exif]).toEqual([512, 512, undefined]);
  });

  it('reaches those who know one, and one’s other tabs, and nobody else', async () => {
    const [own, knows, stranger] = await Promise.all([alice.sori(), bob.sori(), carol.sori()]);
    const { body } = await choose(alice, await transparentPng());
    expect(body.profilePic).toMatch(/\.webp$/);
    expect(await own.next('user:changed')).toEqual(body);
    expect(await knows.next('user:changed')).toEqual(body);
    await stranger.settled();
    expect(stranger.all('user:changed')).toEqual([]);
    // The same once more changes nothing.
    expect((await choose(alice, await transparentPng())).body).toEqual(body);
    await knows.settled();
    expect(knows.all('user:changed')).toEqual([]);
    server.leave();
  });

  it('can be taken away again, and its bytes are gone a day later', async () => {
    const drawn = (await carol.get<Person>('/api/auth/me')).body.profilePic;
    const { profilePic } = (await choose(carol, await photo())).body;
    const kept = (await choose(bob, await photo())).body.profilePic;
    expect(kept).not.toBe(profilePic);
    expect((await carol.call<Person>('DELETE', '/api/me/picture')).body.profilePic).toBe(drawn);
    expect((await see(profilePic)).status).toBe(200);
    const before = await remains();
    clock.skip(24 * 60 * 60 * 1_000);
    while ((await see(profilePic)).status === 200) {
      clock.skip(10 * 60 * 1_000);
      await new Promise((resume) => setImmediate(resume));
    }
    expect((await see(profilePic)).status).toBe(404);
    expect((await see(kept)).status).toBe(200);
    expect(await remains()).toBeLessThan(before);
  });

  it.each([
    ['a drawing with a script', svgWithScript, 415, 'UNSUPPORTED'],
    ['words', Buffer.from('not a picture'), 415, 'UNSUPPORTED'],
    ['nothing', Buffer.alloc(0), 415, 'UNSUPPORTED'],
    ['more than ten mebibytes', Buffer.alloc(10 * 1024 * 1024 + 1), 413, 'TOO_LARGE'],
  ])('is refused where it is %s', async (_what, bytes, status, code) => {
    expect(await choose(bob, bytes)).toMatchObject({ status, body: { code } });
  });

  it('is for the signed-in, and its address is no path', async () => {
    const refused = await raw(server, '/api/me/picture', {
      method: 'PUT',
      body: new Uint8Array(await photo()),
    });
    expect(refused.status).toBe(401);
    for (const name of ['nothing.jpg', `${'0'.repeat(40)}.jpg`, '..%2Fsecret', `${'a'.repeat(3_000)}.jpg`])
      expect((await see(`/api/pictures/${name}`)).status).toBe(404);
  });
});

describe('the picture of a group', () => {
  it('is chosen by those who manage it, and shown to its members', async () => {
    const form = { name: 'Friends', memberIds: [bob._id] };
    const { _id } = (await alice.post<Conversation>('/api/conversations', form)).body;
    const path = `/api/conversations/${_id}/picture`;
    expect((await put(bob, path, await photo())).body.code).toBe('FORBIDDEN');
    expect((await put(carol, path, await photo())).status).toBe(404);
    const tab = await bob.sori();
    const { status, body } = await put(alice, path, await photo());
    expect(status).toBe(200);
    expect(body.picture).toMatch(/^\/api\/pictures\//);
    expect(((await tab.next('conversation')) as Conversation).picture).toBe(body.picture);
    expect((await bob.get<Conversation>(`/api/conversations/${_id}`)).body.picture).toBe(body.picture);
    expect((await see(body.picture ?? '')).status).toBe(200);
    const without = await alice.call<Conversation>('DELETE', path);
    expect(without.body).not.toHaveProperty('picture');
    server.leave();
  });

  it('is none of a conversation of two', async () => {
    const { conversationId } = await alice.say(bob._id, 'us');
    const refused = await put(alice, `/api/conversations/${conversationId}/picture`, await photo());
    expect(refused).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  });
});
