import type {
  Conversation,
  EntriesPage,
  Entry,
  Heads,
  Message,
  Person,
  PresenceChange,
} from '@sori/contract';
import fc from 'fast-check';
import { fsck } from '../../conversation-log/fsck.js';
import { conversationsOn } from '../../conversation-log/conversations.model.js';
import { entriesOn } from '../../conversation-log/entries.model.js';
import { connectDatabase } from '../../database/connect.js';
import type { Client } from '../../testing/live.js';
import { type Someone, startServer } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';

const server = useServer();

const pair = () => server.people('anna', 'ben');
const block = async (who: Someone, whom: { _id: string }): Promise<void> => {
  const { status } = await who.call('PUT', `/api/users/${whom._id}/block`);
  expect(status).toBe(204);
};
const unblock = async (who: Someone, whom: { _id: string }): Promise<void> => {
  const { status } = await who.call('DELETE', `/api/users/${whom._id}/block`);
  expect(status).toBe(204);
};
const rowOf = async (who: Someone, id: string): Promise<Conversation | undefined> =>
  (await who.get<Conversation[]>('/api/conversations')).body.find(({ _id }) => _id === id);
const entries = async (who: Someone, id: string): Promise<Entry[]> =>
  (await who.get<EntriesPage>(`/api/conversations/${id}/entries?after=0&limit=500`)).body.entries;
const texts = async (who: Someone, id: string, query = ''): Promise<string[]> =>
  (await who.get<Message[]>(`/api/messages/${id}?limit=100${query}`)).body.map(({ message }) => message);
const code = async (asked: Promise<{ body: unknown }>): Promise<unknown> =>
  ((await asked).body as { code?: string }).code;
/** Names of all notices that a client has received and that the test has not taken yet. */
const namesReceived = (client: Client): string[] =>
  ['newMessage', 'entry', 'typing', 'read', 'presence', 'conversation'].filter(
    (name) => client.all(name).length > 0,
  );
const hidden = (message: Message) => ({
  _id: message._id,
  conversationId: message.conversationId,
  seq: message.seq,
  kind: 'hidden',
  at: message.createdAt,
});

describe('blocking somebody', () => {
  it('is shown to the person who does it, on all their devices, and to nobody else', async () => {
    const [anna, ben] = await pair();
    const [phone, annasTab] = [await ben.sori(), await anna.sori()];
    await block(ben, anna);
    await block(ben, anna);
    expect(await phone.next('block')).toEqual({ userId: anna._id, blocked: true });
    expect((await ben.get<Person[]>('/api/me/blocks')).body).toMatchObject([{ _id: anna._id }]);
    expect((await anna.get<Person[]>('/api/me/blocks')).body).toEqual([]);
    await unblock(ben, anna);
    await unblock(ben, anna);
    expect(await phone.next('block')).toEqual({ userId: anna._id, blocked: false });
    expect((await ben.get<Person[]>('/api/me/blocks')).body).toEqual([]);
    await Promise.all([phone.settled(), annasTab.settled()]);
    expect(phone.all('block')).toEqual([]);
    expect(annasTab.all('block')).toEqual([]);
  });

  it('does not make sends wait while it reads what the two have in common', async () => {
    const [anna, ben] = await pair();
    const { connection, reads } = server.store;
    const look = (on: typeof reads) => [on.model('Member'), on.model('Conversation')] as const;
    const spies = [...look(connection), ...look(reads)].map((model) => jest.spyOn(model, 'distinct'));
    await block(ben, anna);
    expect(spies.map(({ mock }) => mock.calls.length)).toEqual([0, 0, 1, 1]);
    for (const spy of spies) spy.mockRestore();
  });

  it('is refused for oneself, for nobody and without an account', async () => {
    const [anna] = await pair();
    expect(await code(anna.call('PUT', `/api/users/${anna._id}/block`))).toBe('INVALID');
    expect(await code(anna.call('PUT', '/api/users/no-id/block'))).toBe('INVALID');
    for (const method of ['PUT', 'DELETE']) {
      expect(await code(anna.call(method, `/api/users/${'f'.repeat(24)}/block`))).toBe('NOT_FOUND');
      expect((await server.ask(`/api/users/${anna._id}/block`, { method })).status).toBe(401);
    }
  });

  it('does not take somebody out of the search, for either of them', async () => {
    const [anna, ben] = await pair();
    await block(ben, anna);
    const find = async (who: Someone, whom: Someone) =>
      (await who.get<Person[]>(`/api/users?search=${whom.name}`)).body.map(({ _id }) => _id);
    expect(await find(anna, ben)).toEqual([ben._id]);
    expect(await find(ben, anna)).toEqual([anna._id]);
  });
});

describe.each(['REST', 'the socket'] as const)('what a blocked person sends over %s', (door) => {
  it('is answered and logged as ever, and is only a hidden entry for the person who blocks', async () => {
    const [anna, ben] = await pair();
    const before = await anna.say(ben._id, 'before');
    const [annasTab, bensTab, old] = [await anna.sori(), await ben.sori(), await ben.tutorial()];
    await block(ben, anna);
    const sent = await anna.send(door, ben._id, { message: 'secret text' });
    expect(sent.code).toBeUndefined();
    expect(sent.message).toMatchObject({ message: 'secret text', seq: 2, receiverId: ben._id });
    expect(await annasTab.next('newMessage')).toMatchObject({ seq: 2, message: 'secret text' });
    expect(await bensTab.next('entry')).toEqual(hidden(sent.message));
    await Promise.all([bensTab.settled(), old.settled()]);
    expect(bensTab.all('newMessage')).toEqual([]);
    expect(old.all('newMessage')).toEqual([]);
    const { conversationId } = before;
    expect(await entries(ben, conversationId)).toEqual([
      { ...before, kind: 'message', at: before.createdAt },
      hidden(sent.message),
    ]);
    const reply = await bensTab.ask('entries:after', { conversationId, after: 1 });
    expect(reply['entries']).toEqual([hidden(sent.message)]);
    expect(reply['headSeq']).toBe(2);
    expect(await texts(ben, anna._id)).toEqual(['before']);
    expect(await texts(anna, ben._id)).toEqual(['before', 'secret text']);
    const raw = JSON.stringify([await entries(ben, conversationId), await rowOf(ben, conversationId)]);
    expect(raw).not.toContain('secret text');
  });

  it('is answered the same when it is sent again, even after the block was lifted', async () => {
    const [anna, ben] = await pair();
    await block(ben, anna);
    const first = await anna.send(door, ben._id, { message: 'once', clientId: 'same' });
    await unblock(ben, anna);
    const again = await anna.send(door, ben._id, { message: 'once', clientId: 'same' });
    expect(again).toMatchObject({ repeat: true, message: { _id: first.message._id } });
    expect(await texts(ben, anna._id)).toEqual([]);
  });
});

describe('for the person who blocks', () => {
  it('the list shows nothing new: preview, order and unread count stay, and the head goes on', async () => {
    const [anna, ben, carol] = await server.people('anna', 'ben', 'carol');
    const { conversationId } = await anna.say(ben._id, 'first');
    const mine = await rowOf(ben, conversationId);
    const { conversationId: other } = await carol.say(ben._id, 'from carol');
    await block(ben, anna);
    for (const n of [1, 2, 3]) await anna.say(ben._id, `hidden ${n}`);
    const list = (await ben.get<Conversation[]>('/api/conversations')).body;
    expect(list.map(({ _id }) => _id)).toEqual([other, conversationId]);
    expect(list[1]).toEqual({ ...mine, headSeq: 4 });
    expect((await ben.get(`/api/conversations/${conversationId}`)).body).toEqual(list[1]);
    const annasRow = await rowOf(anna, conversationId);
    expect(annasRow).toMatchObject({ lastMessage: { message: 'hidden 3' }, headSeq: 4 });
    const first = await ben.get<Conversation[]>('/api/conversations?limit=1');
    expect(first.body.map(({ _id }) => _id)).toEqual([other]);
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await ben.get<Conversation[]>(next);
    expect(second.body.map(({ _id }) => _id)).toEqual([conversationId]);
    expect(second.headers.get('link')).toBeNull();
  });

  it('a conversation of nothing else is not in the list, and begins with the first message that is shown', async () => {
    const [anna, ben] = await pair();
    const bensTab = await ben.sori();
    await block(ben, anna);
    const { conversationId } = await anna.say(ben._id, 'let me in');
    expect(await bensTab.next('entry')).toMatchObject({ kind: 'hidden', seq: 1 });
    expect((await ben.get('/api/conversations')).body).toEqual([]);
    expect((await anna.get<Conversation[]>('/api/conversations')).body).toHaveLength(1);
    await bensTab.settled();
    expect(bensTab.all('conversation')).toEqual([]);
    await unblock(ben, anna);
    expect((await ben.get('/api/conversations')).body).toEqual([]);
    await anna.say(ben._id, 'hello again');
    expect(await bensTab.next('newMessage')).toMatchObject({ seq: 2, message: 'hello again' });
    expect(await bensTab.next('conversation')).toMatchObject({ _id: conversationId, unread: 1, headSeq: 2 });
    expect(await rowOf(ben, conversationId)).toMatchObject({
      lastMessage: { message: 'hello again' },
      unread: 1,
    });
    expect(await texts(ben, anna._id)).toEqual(['hello again']);
  });

  it('pages leave out what is hidden, and their links are right', async () => {
    const [anna, ben] = await pair();
    const first = await anna.say(ben._id, 'm1');
    await anna.say(ben._id, 'm2');
    await block(ben, anna);
    for (const n of [3, 4, 5]) await anna.say(ben._id, `h${n}`);
    await unblock(ben, anna);
    for (const n of [6, 7]) await anna.say(ben._id, `m${n}`);
    const page = async (query: string) => {
      const { body, headers } = await ben.get<Message[]>(`/api/messages/${anna._id}?${query}`);
      const rels = [...(headers.get('link') ?? '').matchAll(/rel="(\w+)"/g)].map(([, rel]) => rel);
      return [body.map(({ message }) => message).join(' '), ...rels];
    };
    expect(await page('limit=3')).toEqual(['m2 m6 m7', 'prev']);
    expect(await page('limit=4')).toEqual(['m1 m2 m6 m7']);
    expect(await page('limit=2&after=2')).toEqual(['m6 m7', 'prev']);
    expect(await page('limit=2&before=6')).toEqual(['m1 m2', 'next']);
    expect(await page('limit=2&around=4')).toEqual(['m2 m6', 'prev', 'next']);
    expect(await page('limit=1&after=7')).toEqual(['']);
    const all = await entries(ben, first.conversationId);
    expect(all.map(({ seq, kind }) => `${seq}${kind}`)).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((n) => `${n}${n > 2 && n < 6 ? 'hidden' : 'message'}`),
    );
  });

  it('a hidden message cannot be reached by its id, a reply or a report', async () => {
    const [anna, ben] = await pair();
    await block(ben, anna);
    const { _id, conversationId } = await anna.say(ben._id, 'hidden');
    await unblock(ben, anna);
    const nothing = `/api/messages/${'f'.repeat(24)}`;
    const missing = (await ben.call('PUT', `${nothing}/pin`)).body;
    for (const [method, path, body] of [
      ['PUT', '/pin', undefined],
      ['PUT', `/reactions/${encodeURIComponent('👍')}`, undefined],
      ['PATCH', '', { message: 'x' }],
      ['DELETE', '', undefined],
    ] as const) {
      expect((await ben.call(method, `/api/messages/${_id}${path}`, body)).body).toEqual(missing);
    }
    expect((await ben.call('POST', '/api/reports', { messageId: _id, reason: 'x' })).body).toEqual(missing);
    const quote = { message: 'as you said', replyTo: _id };
    expect(await code(ben.call('POST', `/api/messages/send/${anna._id}`, quote))).toBe('INVALID');
    const draft = { text: 'as you said', replyTo: _id, rev: 1 };
    expect(await code(ben.call('PUT', `/api/conversations/${conversationId}/draft`, draft))).toBe('INVALID');
  });

  it('catching up after being away is gapless, and the heads say where the log ends', async () => {
    const [anna, ben] = await pair();
    const { conversationId } = await anna.say(ben._id, 'before');
    await block(ben, anna);
    for (const n of [1, 2]) await anna.say(ben._id, `hidden ${n}`);
    const client = ben.knock();
    const heads = (await client.next('heads')) as Heads;
    expect(heads.heads).toEqual([{ conversationId, headSeq: 3 }]);
    const page = await client.ask('entries:after', { conversationId, after: 1 });
    expect((page['entries'] as Entry[]).map(({ kind, seq }) => [kind, seq])).toEqual([
      ['hidden', 2],
      ['hidden', 3],
    ]);
    expect(page).toMatchObject({ next: 3, headSeq: 3, more: false });
  });

  it('lifting the block gives nothing back', async () => {
    const [anna, ben] = await pair();
    const { conversationId } = await anna.say(ben._id, 'before');
    await block(ben, anna);
    await anna.say(ben._id, 'hidden');
    await unblock(ben, anna);
    expect(await texts(ben, anna._id)).toEqual(['before']);
    expect((await entries(ben, conversationId)).map(({ kind }) => kind)).toEqual(['message', 'hidden']);
    expect(await rowOf(ben, conversationId)).toMatchObject({ unread: 1, lastMessage: { message: 'before' } });
  });
});

describe('changing messages between two of whom one blocks the other', () => {
  const ask = {
    edit: (who: Someone, id: string) => who.call('PATCH', `/api/messages/${id}`, { message: 'changed' }),
    react: (who: Someone, id: string) =>
      who.call('PUT', `/api/messages/${id}/reactions/${encodeURIComponent('👍')}`),
    pin: (who: Someone, id: string) => who.call('PUT', `/api/messages/${id}/pin`),
    remove: (who: Someone, id: string) => who.call('DELETE', `/api/messages/${id}`),
  };

  it('is refused to the blocked one where it would be seen; deleting works', async () => {
    const [anna, ben] = await pair();
    const { _id } = await anna.say(ben._id, 'seen');
    await block(ben, anna);
    const bensTab = await ben.sori();
    for (const change of [ask.edit, ask.react, ask.pin]) {
      const { status, body } = await change(anna, _id);
      expect(status).toBe(422);
      expect(body).toEqual({
        code: 'REFUSED',
        error: 'This message cannot be changed',
        details: { reason: 'unchangeable' },
      });
    }
    await bensTab.settled();
    expect(bensTab.all('entry')).toEqual([]);
    expect((await ask.remove(anna, _id)).status).toBe(200);
    expect(await bensTab.next('entry')).toMatchObject({ kind: 'delete', targetSeq: 1 });
    expect(await texts(ben, anna._id)).toEqual(['']);
  });

  it('works on hidden messages for the sender, and stays hidden from the other', async () => {
    const [anna, ben] = await pair();
    const { conversationId } = await anna.say(ben._id, 'seen');
    await block(ben, anna);
    const { _id } = await anna.say(ben._id, 'hidden');
    const [annasTab, bensTab] = [await anna.sori(), await ben.sori()];
    for (const lifted of [false, true]) {
      if (lifted) await unblock(ben, anna);
      const changes = lifted ? [ask.remove] : [ask.edit, ask.react, ask.pin];
      for (const change of changes) expect((await change(anna, _id)).status).toBe(200);
    }
    for (const kind of ['edit', 'react', 'pin', 'delete']) {
      expect(await annasTab.next('entry')).toMatchObject({ kind, targetSeq: 2 });
      const entry = await bensTab.next('entry');
      expect(Object.keys(entry as object).sort()).toEqual(['_id', 'at', 'conversationId', 'kind', 'seq']);
      expect(entry).toMatchObject({ kind: 'hidden' });
    }
    const kinds = (await entries(ben, conversationId)).map(({ kind }) => kind);
    expect(kinds).toEqual(['message', 'hidden', 'hidden', 'hidden', 'hidden', 'hidden']);
    expect(await rowOf(ben, conversationId)).toMatchObject({ unread: 1, lastMessage: { message: 'seen' } });
  });

  it('and writing are refused to the person who blocks, until they lift it; repeats of earlier sends are answered', async () => {
    const [anna, ben] = await pair();
    const said = await ben.say(anna._id, 'before', 'sent-before');
    await block(ben, anna);
    const content = { message: 'after' };
    const refused = await ben.call('POST', `/api/messages/send/${anna._id}`, content);
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ code: 'REFUSED', details: { reason: 'blocking' } });
    const bySocket = await (
      await ben.sori()
    ).ask('message:send', { to: anna._id, ...content, clientId: 'x' });
    expect(bySocket).toMatchObject({ ok: false, code: 'REFUSED' });
    const byConversation = `/api/messages/send/${said.conversationId}`;
    expect(await code(ben.call('POST', byConversation, content))).toBe('REFUSED');
    for (const change of [ask.edit, ask.react, ask.pin]) {
      expect(await code(change(ben, said._id))).toBe('REFUSED');
    }
    expect((await ben.say(anna._id, 'before', 'sent-before'))._id).toBe(said._id);
    expect((await ask.remove(ben, said._id)).status).toBe(200);
    await unblock(ben, anna);
    expect((await ben.say(anna._id, 'after')).seq).toBe(3);
  });
});

describe('somebody who is blocked', () => {
  it('does not see that the other is online, nor that they come online', async () => {
    const [anna, ben] = await pair();
    await anna.say(ben._id, 'hello');
    const bensTab = await ben.sori();
    const annasTab = await anna.sori();
    expect(await annasTab.ask('presence:watch', { userIds: [ben._id] })).toEqual({
      ok: true,
      online: [ben._id],
    });
    const old = await anna.tutorial();
    const next = async (client: Client, isThere: boolean): Promise<void> => {
      for (;;) {
        const ids = (await client.next('getOnlineUsers')) as string[];
        if (ids.includes(ben._id) === isThere) return;
      }
    };
    await next(old, true);
    await block(ben, anna);
    // Before that anna may have been notified that ben is there.
    for (;;) {
      const { online, offline } = (await annasTab.next('presence')) as PresenceChange;
      if (offline.length === 0) continue;
      expect({ online, offline }).toEqual({ online: [], offline: [ben._id] });
      break;
    }
    await next(old, false);
    expect(await annasTab.ask('presence:watch', { userIds: [ben._id] })).toEqual({ ok: true, online: [] });
    const late = await anna.sori();
    expect(await late.next('getOnlineUsers')).toEqual([]);
    // Who blocks goes on seeing the other.
    const second = await ben.sori();
    expect(await second.next('getOnlineUsers')).toEqual([anna._id]);
    for (const client of [bensTab, second]) client.socket.disconnect();
    await unblock(ben, anna);
    await annasTab.next('presence');
  });

  it('does not learn of the block when the other comes online later', async () => {
    const [anna, ben] = await pair();
    await anna.say(ben._id, 'hello');
    await block(ben, anna);
    const [annasTab, old] = [await anna.sori(), await anna.tutorial()];
    await annasTab.ask('presence:watch', { userIds: [ben._id] });
    const carol = await server.person('carol');
    await carol.say(ben._id, 'hello');
    const watching = await carol.sori();
    await ben.sori();
    // Whoever may see it has been notified: then nobody else is any more.
    expect(await watching.next('presence')).toMatchObject({ online: [ben._id] });
    // The old list is emitted at most once a second: anna's next one is later than that.
    await old.next('getOnlineUsers');
    const friend = await server.person('friend');
    await anna.say(friend._id, 'hello');
    await friend.sori();
    while (!((await old.next('getOnlineUsers')) as string[]).includes(friend._id));
    await Promise.all([annasTab.settled(), old.settled()]);
    expect(JSON.stringify(annasTab.all('presence'))).not.toContain(ben._id);
    expect((old.all('getOnlineUsers') as string[][]).flat()).not.toContain(ben._id);
  });

  it('sees neither the other’s typing nor what they read from then on, and keeps what was shown before', async () => {
    const [anna, ben] = await pair();
    const { conversationId } = await anna.say(ben._id, 'one');
    await anna.say(ben._id, 'two');
    const bensTab = await ben.sori();
    await bensTab.ask('read:set', { conversationId, seq: 1 });
    const bensRow = async () =>
      (await rowOf(anna, conversationId))?.members.find((m) => m.userId === ben._id);
    const before = await bensRow();
    expect(before).toMatchObject({ readSeq: 1 });
    await block(ben, anna);
    const annasTab = await anna.sori();
    await anna.say(ben._id, 'hidden');
    await annasTab.next('newMessage');
    expect(await bensTab.ask('read:set', { conversationId, seq: 3 })).toMatchObject({ ok: true, readSeq: 3 });
    await bensTab.ask('delivered:set', { conversationId, seq: 3 });
    await bensTab.ask('typing:set', { conversationId, typing: true });
    await ben.call('POST', '/api/conversations/read-all');
    await annasTab.settled();
    expect(namesReceived(annasTab)).toEqual([]);
    expect(await bensRow()).toEqual(before);
    // Nor does who blocks see that the blocked one writes.
    await annasTab.ask('typing:set', { conversationId, typing: true });
    await bensTab.settled();
    expect(bensTab.all('typing')).toEqual([]);
    // Lifted: what they read is emitted again, and what they never saw they have not read.
    await unblock(ben, anna);
    expect(await bensRow()).toMatchObject({ readSeq: 2, deliveredSeq: 2 });
    const later = await anna.say(ben._id, 'later');
    await bensTab.ask('read:set', { conversationId, seq: later.seq });
    expect(await annasTab.next('read')).toMatchObject({ userId: ben._id, readSeq: later.seq });
  });

  it('gets the same answers as before, whatever they ask', async () => {
    const [anna, ben] = await pair();
    const first = await anna.say(ben._id, 'one');
    const { conversationId } = first;
    const before = (await anna.get(`/api/conversations/${conversationId}`)).body;
    await block(ben, anna);
    expect((await anna.get(`/api/conversations/${conversationId}`)).body).toEqual(before);
    expect((await anna.get(`/api/users/${ben._id}`)).status).toBe(200);
    const sent = await anna.call<Message>('POST', `/api/messages/send/${ben._id}`, { message: 'x' });
    expect(sent.status).toBe(201);
    expect(Object.keys(sent.body).sort()).toEqual(Object.keys(first).sort());
  });
});

describe('whatever two people do', () => {
  type Step = 'anna' | 'ben' | 'block' | 'unblock' | 'read' | 'delete' | 'edit';
  const steps = fc.array(
    fc.constantFrom<Step>('anna', 'anna', 'ben', 'block', 'unblock', 'read', 'delete', 'edit'),
    { minLength: 4, maxLength: 14 },
  );

  it('the list, the unread count and the pages of who blocks are exactly those of what they were shown', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const [anna, ben] = await pair();
        let blocked = false;
        let readSeq = 0;
        const shown: Message[] = [];
        const annasView: { message: Message; visible: boolean }[] = [];
        let conversationId = '';
        for (const [index, step] of sequence.entries()) {
          if (step === 'block') await block(ben, anna);
          if (step === 'unblock') await unblock(ben, anna);
          if (step === 'block' || step === 'unblock') blocked = step === 'block';
          if (step === 'anna') {
            const message = await anna.say(ben._id, `a${index}`);
            conversationId = message.conversationId;
            annasView.push({ message, visible: !blocked });
            if (!blocked) shown.push(message);
          }
          if (step === 'ben' && !blocked) {
            const message = await ben.say(anna._id, `b${index}`);
            conversationId = message.conversationId;
            shown.push(message);
          }
          if (step === 'read' && shown.length > 0) {
            readSeq = shown.at(-1)?.seq ?? 0;
            await ben.call('PUT', `/api/conversations/${conversationId}/read`, { seq: readSeq });
          }
          const last = annasView.at(-1);
          if (step === 'edit' && last && !(blocked && last.visible)) {
            const { body } = await anna.call<Message>('PATCH', `/api/messages/${last.message._id}`, {
              message: `e${index}`,
            });
            const at = shown.findIndex(({ _id }) => _id === body._id);
            if (at >= 0) shown[at] = body;
          }
          if (step === 'delete' && last) {
            await anna.call('DELETE', `/api/messages/${last.message._id}`);
            annasView.pop();
            const at = shown.findIndex(({ _id }) => _id === last.message._id);
            if (at >= 0) shown[at] = { ...last.message, message: '', deletedAt: 'now' };
          }
        }
        const alive = shown.filter(({ deletedAt }) => deletedAt === undefined);
        const row = conversationId === '' ? undefined : await rowOf(ben, conversationId);
        expect(row === undefined).toBe(shown.length === 0);
        expect(row?.lastMessage?.message).toBe(alive.at(-1)?.message);
        expect(row?.unread ?? 0).toBe(
          alive.filter(({ seq, senderId }) => senderId === anna._id && seq > readSeq).length,
        );
        if (conversationId === '') return;
        expect(await texts(ben, conversationId)).toEqual(shown.map(({ message }) => message));
        const all = await entries(ben, conversationId);
        expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => index + 1));
      }),
      { numRuns: 10 },
    );
  }, 120_000);

  it('the tool that checks every log finds nothing, and finds it where a projection is wrong', async () => {
    const [anna, ben] = await pair();
    const { conversationId } = await anna.say(ben._id, 'one');
    await block(ben, anna);
    const { _id } = await anna.say(ben._id, 'two');
    await anna.call('PUT', `/api/messages/${_id}/pin`);
    await anna.get('/api/conversations');
    const store = await connectDatabase(server.engine.uri);
    const deps = {
      entries: entriesOn(store.connection),
      conversations: conversationsOn(store.connection),
      membersOf: () => Promise.resolve([]),
    };
    expect((await fsck(deps)).findings).toEqual([]);
    await deps.conversations.updateOne({ _id: conversationId }, { $set: { 'shown.0.lastMessageSeq': 2 } });
    expect((await fsck(deps, [conversationId])).findings).toMatchObject([{ invariant: 'I10' }]);
    await deps.conversations.updateOne({ _id: conversationId }, { $unset: { shown: '' } });
    expect((await fsck(deps, [conversationId])).findings).toMatchObject([{ invariant: 'I6' }]);
    await store.close();
  });
});

it('a block outlives a restart, and a server that starts anew hides as before', async () => {
  const [anna, ben] = await pair();
  const { conversationId } = await anna.say(ben._id, 'one');
  await block(ben, anna);
  await anna.say(ben._id, 'two');
  const other = await startServer({ engine: server.engine });
  try {
    const there = await other.elsewhere(anna);
    await there.say(ben._id, 'three');
    expect(await texts(ben, anna._id)).toEqual(['one']);
    expect(await rowOf(ben, conversationId)).toMatchObject({ unread: 1, lastMessage: { message: 'one' } });
  } finally {
    await other.close();
  }
});

it('a block made on one server takes effect on another within a second', async () => {
  const [anna, ben] = await pair();
  await anna.say(ben._id, 'one');
  const other = await startServer({ engine: server.engine });
  try {
    const there = await other.elsewhere(anna);
    await there.say(ben._id, 'two');
    await block(ben, anna);
    const since = performance.now();
    while (performance.now() - since < 1_000) await there.say(ben._id, 'on and on');
    // Asked after that second: what was asked within it may take its time.
    const { _id: last } = await there.say(ben._id, 'and on');
    const seen = (await ben.get<Message[]>(`/api/messages/${anna._id}?limit=100`)).body;
    expect(seen.map(({ _id }) => _id)).not.toContain(last);
  } finally {
    await other.close();
  }
});
