import { emojiForm, type Entry, type Message } from '@sori/contract';
import { Types } from 'mongoose';
import type { Answer, Someone } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';

const server = useServer();
let alice: Someone;
let bob: Someone;
let carol: Someone;
beforeAll(async () => {
  alice = await server.person('alice');
  bob = await server.person('bob');
  carol = await server.person('carol');
});

let made = 0;
const clientId = (): string => `change-${(made += 1)}`;

/** What a person asks of a message, by either door. */
const doors = {
  async REST(who: Someone, what: Change, { _id }: Message, clientId?: string) {
    const path = `/api/messages/${_id}`;
    const calls: Record<Change['kind'], () => Promise<Answer<Message & { code?: string }>>> = {
      edit: () => who.call('PATCH', path, { message: what.text, clientId }),
      delete: () => who.call('DELETE', path),
      react: () => who.call('PUT', `${path}/reactions/${encodeURIComponent(what.text)}`),
      pin: () => who.call('PUT', `${path}/pin`),
    };
    const { body } = await calls[what.kind]();
    return { code: body.code, message: body };
  },
  async 'the socket'(who: Someone, what: Change, { _id: messageId }: Message, id = clientId()) {
    const client = await who.sori();
    const base = { messageId, clientId: id };
    const asks: Record<Change['kind'], () => Promise<unknown>> = {
      edit: () => client.ask('message:edit', { ...base, message: what.text }),
      delete: () => client.ask('message:delete', base),
      react: () => client.ask('message:react', { ...base, emojis: [what.text] }),
      pin: () => client.ask('message:pin', { ...base, pinned: true }),
    };
    const reply = (await asks[what.kind]()) as { code?: string; message: Message };
    client.socket.disconnect();
    return reply;
  },
};
type Door = keyof typeof doors;
const everyDoor = Object.keys(doors) as Door[];
interface Change {
  kind: 'edit' | 'delete' | 'react' | 'pin';
  text: string;
}
const edit = (text: string): Change => ({ kind: 'edit', text });
const remove: Change = { kind: 'delete', text: '' };
const react = (text: string): Change => ({ kind: 'react', text });
const pin: Change = { kind: 'pin', text: '' };

const now = async (who: Someone, { conversationId, seq }: Message): Promise<Message | undefined> =>
  (await who.get<Message[]>(`/api/messages/${conversationId}?around=${seq}&limit=1`)).body[0];

describe.each(everyDoor)('changing a message over %s', (door) => {
  const ask = (who: Someone, what: Change, message: Message, id?: string) =>
    doors[door](who, what, message, id);

  it('gives one’s own another text, with the time of the edit', async () => {
    const message = await alice.say(bob._id, 'helo');
    const { message: edited } = await ask(alice, edit(' hello '), message);
    expect(edited).toMatchObject({ _id: message._id, seq: message.seq, message: 'hello' });
    expect(edited.editedAt).toBe(edited.updatedAt);
    await expect(now(bob, message)).resolves.toEqual(edited);
  });

  it('takes one’s own away for everybody, and its text out of the database', async () => {
    const message = await alice.say(bob._id, 'my secret');
    await ask(alice, edit('my other secret'), message);
    const { message: deleted } = await ask(alice, remove, message);
    expect(deleted).toMatchObject({ _id: message._id, message: '', reactions: [] });
    expect(deleted.deletedAt).toBeDefined();
    const rows = await server.store.connection.collection('entries').find().toArray();
    expect(rows.some((row) => row['seq'] === message.seq)).toBe(true);
    expect(JSON.stringify(rows)).not.toContain('secret');
    await expect(ask(alice, remove, message)).resolves.toMatchObject({
      message: { _id: message._id, message: '' },
    });
  });

  it('lets both react, and keeps one set for each of them', async () => {
    const message = await alice.say(bob._id, 'good news');
    await ask(alice, react('👍'), message);
    const { message: liked } = await ask(bob, react('👍'), message);
    expect(liked.reactions).toEqual([{ emoji: '👍', count: 2, userIds: [alice._id, bob._id] }]);
  });

  it('pins it for both', async () => {
    const message = await alice.say(bob._id, 'the address');
    const { message: pinned } = await ask(bob, pin, message);
    expect(pinned.pinnedAt).toBeDefined();
    await expect(now(alice, message)).resolves.toMatchObject({ pinnedAt: pinned.pinnedAt });
  });

  it('refuses to edit or delete what somebody else wrote', async () => {
    const message = await alice.say(bob._id, 'mine');
    for (const what of [edit('yours'), remove]) {
      await expect(ask(bob, what, message)).resolves.toMatchObject({ code: 'FORBIDDEN' });
    }
    await expect(now(alice, message)).resolves.toEqual(message);
  });

  it('answers NOT_FOUND to somebody who is not in the conversation', async () => {
    const message = await alice.say(bob._id, 'between us');
    for (const what of [edit('x'), remove, react('👍'), pin]) {
      await expect(ask(carol, what, message)).resolves.toMatchObject({ code: 'NOT_FOUND' });
    }
    await expect(ask(alice, pin, { ...message, _id: 'f'.repeat(24) })).resolves.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('refuses what is no emoji', async () => {
    const message = await alice.say(bob._id, 'x');
    await expect(ask(alice, react('no'), message)).resolves.toMatchObject({ code: 'INVALID' });
  });

  it('does not bring a deleted message back', async () => {
    const message = await alice.say(bob._id, 'gone');
    await ask(alice, remove, message);
    for (const what of [edit('back'), react('👍'), pin]) {
      await expect(ask(alice, what, message)).resolves.toMatchObject({ code: 'CONFLICT' });
    }
  });

  it('stores an edit once that is asked for twice', async () => {
    const message = await alice.say(bob._id, 'one');
    const id = clientId();
    await ask(alice, edit('two'), message, id);
    await ask(alice, edit('three'), message);
    await expect(ask(alice, edit('two'), message, id)).resolves.toMatchObject({
      message: { message: 'three' },
    });
    await expect(now(bob, message)).resolves.toMatchObject({ message: 'three' });
  });
});

describe('a change of a message', () => {
  it('may carry its clientId in the header: an edit that comes again does not take a later one back', async () => {
    const message = await alice.say(bob._id, 'one');
    const path = `/api/messages/${message._id}`;
    const again = { 'Idempotency-Key': clientId() };
    await alice.call('PATCH', path, { message: 'two' }, again);
    await alice.call('PATCH', path, { message: 'three' });
    await expect(alice.call('PATCH', path, { message: 'two' }, again)).resolves.toMatchObject({
      status: 200,
      body: { message: 'three' },
    });
    const like = `${path}/reactions/${encodeURIComponent('👍')}`;
    expect((await alice.call('PUT', like, undefined, again)).status).toBe(409);
    expect((await alice.call('PUT', like, undefined, { 'Idempotency-Key': ':bad' })).status).toBe(400);
    expect((await alice.call('DELETE', path, { clientId: clientId() }, again)).status).toBe(200);
  });

  it.each(['🇰', '🏽', '1', '👍\u{E0067}\u{E007F}', '1\uFE0F', '1\u200D2', '👍👍', '👍a'])(
    'is refused with half an emoji (%s)',
    async (half) => {
      const message = await alice.say(bob._id, 'half');
      const { status } = await bob.call(
        'PUT',
        `/api/messages/${message._id}/reactions/${encodeURIComponent(half)}`,
      );
      expect(status).toBe(400);
    },
  );

  it.each(['👨‍👩‍👧‍👦', '🇰🇷', '🧑🏽‍❤️‍💋‍🧑🏿', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '1️⃣', '❤', '❤️', '👁️‍🗨️', '🏳️‍🌈'])(
    'takes any emoji as a reaction (%s)',
    async (emoji) => {
      const message = await alice.say(bob._id, 'any');
      const path = `/api/messages/${message._id}/reactions/${encodeURIComponent(emoji)}`;
      const { body } = await bob.call<Message>('PUT', path);
      expect(body.reactions).toEqual([{ emoji: emojiForm(emoji), count: 1, userIds: [bob._id] }]);
    },
  );

  it('is the same however its emoji is written, for everybody and at both doors', async () => {
    const message = await alice.say(bob._id, 'one or two');
    const at = (emoji: string): string =>
      `/api/messages/${message._id}/reactions/${encodeURIComponent(emoji)}`;
    await alice.call('PUT', at('👍'));
    const client = await bob.sori();
    await client.ask('message:react', {
      messageId: message._id,
      emojis: ['👍\uFE0F', '❤', '👍', '❤\uFE0F'],
      clientId: clientId(),
    });
    client.socket.disconnect();
    expect((await now(alice, message))?.reactions).toEqual([
      { emoji: '👍', count: 2, userIds: [alice._id, bob._id] },
      { emoji: '❤\uFE0F', count: 1, userIds: [bob._id] },
    ]);
    await alice.call('DELETE', at('👍\uFE0F'));
    await bob.call('DELETE', at('❤'));
    expect((await now(alice, message))?.reactions).toEqual([{ emoji: '👍', count: 1, userIds: [bob._id] }]);
  });

  it('from before there was one form of an emoji is shown in that form, and can be taken back', async () => {
    const message = await alice.say(bob._id, 'old');
    const of = ({ _id }: Someone, ...emojis: string[]) => ({
      userId: new Types.ObjectId(_id),
      emojis,
      seq: 1,
    });
    await server.store.connection
      .collection('entries')
      .updateOne(
        { _id: new Types.ObjectId(message._id) },
        { $set: { reactions: [of(alice, '👍\uFE0F'), of(bob, '👍', '👍\uFE0F', '❤')] } },
      );
    expect((await now(bob, message))?.reactions).toEqual([
      { emoji: '👍', count: 2, userIds: [alice._id, bob._id] },
      { emoji: '❤\uFE0F', count: 1, userIds: [bob._id] },
    ]);
    const { body } = await bob.call<Message>(
      'DELETE',
      `/api/messages/${message._id}/reactions/${encodeURIComponent('👍')}`,
    );
    expect(body.reactions).toEqual([
      { emoji: '👍', count: 1, userIds: [alice._id] },
      { emoji: '❤\uFE0F', count: 1, userIds: [bob._id] },
    ]);
  });

  it('by one reaction that is asked for again is a repeat, whatever was chosen in between', async () => {
    const message = await alice.say(bob._id, 'choose');
    const path = `/api/messages/${message._id}/reactions/`;
    const again = { clientId: clientId() };
    await bob.call('PUT', path + encodeURIComponent('👍'), again);
    // From another device, before the first one was answered that it had been done.
    await bob.call('PUT', path + encodeURIComponent('🎉'));
    await bob.call('DELETE', path + encodeURIComponent('👍'));
    const { status, body } = await bob.call<Message>('PUT', path + encodeURIComponent('👍'), again);
    expect(status).toBe(200);
    expect(body.reactions).toEqual([{ emoji: '🎉', count: 1, userIds: [bob._id] }]);
    const other = await bob.call('PUT', path + encodeURIComponent('👀'), again);
    expect(other.status).toBe(409);
  });

  it('is emitted to both people, in its place in the log, and to nobody else', async () => {
    const message = await alice.say(bob._id, 'listen');
    const [tab, other, stranger] = await Promise.all([alice.sori(), bob.sori(), carol.sori()]);
    const strange: unknown[] = [];
    stranger.socket.on('entry', (entry) => strange.push(entry));
    await doors.REST(alice, edit('listen!'), message);
    for (const client of [tab, other]) {
      const entry = (await client.next('entry')) as Entry;
      expect(entry).toMatchObject({
        kind: 'edit',
        conversationId: message.conversationId,
        seq: message.seq + 1,
        targetSeq: message.seq,
        target: { _id: message._id, message: 'listen!' },
      });
    }
    // The stranger's own next event comes after whatever had been sent to them by mistake.
    await carol.say(carol._id, 'a note');
    await stranger.next('newMessage');
    expect(strange).toEqual([]);
  });

  it('reaches somebody who was away: the log has the change with the message as it now is', async () => {
    const message = await alice.say(bob._id, 'first');
    await doors.REST(alice, edit('second'), message);
    await doors.REST(alice, edit('third'), message);
    const { body } = await bob.get<{ entries: Entry[]; headSeq: number }>(
      `/api/conversations/${message.conversationId}/entries?after=${message.seq}`,
    );
    expect(body.headSeq).toBe(message.seq + 2);
    expect(body.entries).toMatchObject([
      { kind: 'edit', seq: message.seq + 1, target: { message: 'third' } },
      { kind: 'edit', seq: message.seq + 2, target: { message: 'third' } },
    ]);
  });

  it('shows in the preview; a deleted message gives way to the one before it', async () => {
    const [dave, erin] = [await server.person('dave'), await server.person('erin')];
    await dave.say(erin._id, 'older');
    const newest = await dave.say(erin._id, 'newest');
    const preview = async () =>
      (await erin.get<{ lastMessage?: Message; unread: number }[]>('/api/conversations')).body[0];
    await doors.REST(dave, edit('newest, edited'), newest);
    await expect(preview()).resolves.toMatchObject({ unread: 2, lastMessage: { message: 'newest, edited' } });
    await doors.REST(dave, remove, newest);
    await expect(preview()).resolves.toMatchObject({ unread: 1, lastMessage: { message: 'older' } });
  });

  it('keeps both of two reactions that one person adds at the same moment', async () => {
    const message = await alice.say(bob._id, 'many feelings');
    await Promise.all(['👍', '🎉', '❤️', '😂'].map((emoji) => doors.REST(bob, react(emoji), message)));
    const { reactions } = (await now(alice, message)) ?? { reactions: [] };
    expect(reactions.map(({ emoji }) => emoji).sort()).toEqual(['❤️', '🎉', '👍', '😂'].sort());
    await bob.call('DELETE', `/api/messages/${message._id}/reactions/${encodeURIComponent('🎉')}`);
    expect((await now(alice, message))?.reactions.map(({ emoji }) => emoji)).not.toContain('🎉');
  });

  it('that pins it can be undone', async () => {
    const message = await alice.say(bob._id, 'for a while');
    expect((await doors.REST(alice, pin, message)).message.pinnedAt).toBeDefined();
    const { body } = await alice.call<Message>('DELETE', `/api/messages/${message._id}/pin`);
    expect(body.pinnedAt).toBeUndefined();
  });
});
