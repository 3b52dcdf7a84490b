import { type Message, type SharedPage, type EnteredRoom } from '@sori/contract';
import { createSkippingClock } from '../../testing/fake-clock.js';
import { readyFile, remainsOf } from '../../testing/ready-file.js';
import { doors, type Someone } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';
import { filesOn } from './file.model.js';

const clock = createSkippingClock();
const server = useServer({ clock });
const hourMs = 60 * 60 * 1_000;
const dayMs = 24 * hourMs;
const sweepEveryMs = 10_000;
let alice: Someone;
let bob: Someone;
let carol: Someone;
beforeAll(async () => {
  [alice, bob, carol] = await server.people('alice', 'bob', 'carol');
});

const upload = (owner: Someone, more: Parameters<typeof readyFile>[2] = {}): Promise<string> =>
  readyFile(server.store, owner._id, { now: clock.now(), ...more });
const remains = (fileId: string) => remainsOf(server.store, fileId);
const rows = () => filesOn(server.store.connection).files;

type Refused = Message & { code?: string; details?: { reason?: string } };
const sendFiles = (
  from: Someone,
  to: string,
  attachments: readonly { fileId: string; fromMessageId?: string }[],
  more: Record<string, unknown> = {},
) => from.post<Refused>(`/api/messages/send/${to}`, { attachments, ...more });
const refusal = async (asked: Promise<{ status: number; body: Refused }>) => {
  const { status, body } = await asked;
  return [status, body.code, body.details?.reason];
};

/** Lets the sweeper do what is due after so long. */
async function sweepAfter(ms: number): Promise<void> {
  clock.skip(ms);
  await clock.waitsFor(sweepEveryMs);
  clock.skip(sweepEveryMs);
}
const eventually = async (check: () => Promise<void>): Promise<void> => {
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      // The test's own time runs out where it never comes true.
      await new Promise((resume) => setImmediate(resume));
      if (!(error instanceof Error)) throw error;
    }
  }
};
const isGone = (fileId: string) =>
  eventually(async () => expect(await remains(fileId)).toEqual({ row: null, bytes: null, length: 0 }));

describe.each(doors)('a message with files, sent by %s', (door) => {
  it('reaches the other person with what the files are, without words', async () => {
    const shown = { name: '보고서 (최종).png', type: 'image/png', width: 640, height: 480 };
    const [one, two] = [await upload(alice, shown), await upload(alice)];
    const { message } = await alice.send(door, bob._id, { attachments: [{ fileId: one }, { fileId: two }] });
    expect(message).toMatchObject({ message: '', attachments: [{ _id: one, ...shown }, { _id: two }] });
    const { body } = await bob.get<Message[]>(`/api/messages/${alice._id}`);
    expect(body.at(-1)).toEqual(message);
    expect(Object.keys(message.attachments[1] ?? {}).sort()).toEqual(['_id', 'name', 'size', 'type']);
  });

  it('is the same one where it is sent again', async () => {
    const fileId = await upload(alice);
    const content = { message: 'look', clientId: `again-${fileId}`, attachments: [{ fileId }] };
    const first = await alice.send(door, bob._id, content);
    expect(await alice.send(door, bob._id, content)).toEqual({ ...first, repeat: true });
  });

  it('is refused with none and no words', async () => {
    const outcome = await alice.send(door, bob._id, { attachments: [] });
    expect(outcome.code).toBe('INVALID');
  });

  it('is refused with more than ten files, or one twice', async () => {
    const fileId = await upload(alice);
    const eleven = await Promise.all(Array.from({ length: 11 }, () => upload(alice)));
    const refs = eleven.map((id) => ({ fileId: id }));
    expect((await alice.send(door, bob._id, { attachments: refs })).code).toBe('INVALID');
    expect((await alice.send(door, bob._id, { attachments: [{ fileId }, { fileId }] })).code).toBe('INVALID');
  });
});

describe('a file that is sent', () => {
  it('is in one message only, whoever sends it first', async () => {
    const fileId = await upload(alice);
    const attempts = await Promise.all(
      ['a', 'b', 'c'].map((clientId) => sendFiles(alice, bob._id, [{ fileId }], { clientId })),
    );
    expect(attempts.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(await refusal(sendFiles(alice, carol._id, [{ fileId }]))).toEqual([400, 'INVALID', 'notYours']);
  });

  it('is the sender’s own upload: somebody else’s is refused, and so is one that was never there', async () => {
    const fileId = await upload(alice);
    expect(await refusal(sendFiles(bob, carol._id, [{ fileId }]))).toEqual([400, 'INVALID', 'notYours']);
    const never = await refusal(sendFiles(bob, carol._id, [{ fileId: 'f'.repeat(24) }]));
    expect(never).toEqual([400, 'INVALID', 'expired']);
    expect((await sendFiles(alice, carol._id, [{ fileId }])).status).toBe(201);
  });

  it('has to be whole: one that is received is refused, and one that is looked at comes later', async () => {
    const [receiving, processing] = [
      await upload(alice, { state: 'receiving' }),
      await upload(alice, { state: 'processing' }),
    ];
    const unfinished = await refusal(sendFiles(alice, bob._id, [{ fileId: receiving }]));
    expect(unfinished).toEqual([400, 'INVALID', 'unfinished']);
    expect((await refusal(sendFiles(alice, bob._id, [{ fileId: processing }])))[1]).toBe('BUSY');
    await rows().updateOne({ _id: processing }, { $set: { state: 'ready' } });
    expect((await sendFiles(alice, bob._id, [{ fileId: processing }])).status).toBe(201);
  });

  it('can be sent again by the same call without a clientId, and is the same message', async () => {
    const attachments = [{ fileId: await upload(alice) }];
    const first = await sendFiles(alice, bob._id, attachments, { message: 'once' });
    const again = await sendFiles(alice, bob._id, attachments, { message: 'once' });
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body._id).toBe(first.body._id);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
  });

  it('is free for another message where the first one was refused', async () => {
    const fileId = await upload(alice);
    const form = { name: 'Others', memberIds: [] };
    const group = (await bob.post<{ _id: string }>('/api/conversations', form)).body;
    expect((await sendFiles(alice, group._id, [{ fileId }])).status).toBe(404);
    expect((await sendFiles(alice, bob._id, [{ fileId }])).status).toBe(201);
  });

  it('is not taken from the message that was stored under another clientId by a refused repeat', async () => {
    const fileId = await upload(alice);
    const first = await sendFiles(alice, bob._id, [{ fileId }], { clientId: 'kept', message: 'kept' });
    const other = await sendFiles(alice, bob._id, [{ fileId }], { clientId: 'kept', message: 'changed' });
    expect([first.status, other.status]).toEqual([201, 409]);
    expect(await refusal(sendFiles(alice, carol._id, [{ fileId }]))).toEqual([400, 'INVALID', 'notYours']);
  });

  it('stays when its words are edited away, while a message of words alone cannot be emptied', async () => {
    const { body } = await sendFiles(alice, bob._id, [{ fileId: await upload(alice) }], { message: 'hm' });
    const emptied = await alice.call<Message>('PATCH', `/api/messages/${body._id}`, { message: ' ' });
    expect(emptied).toMatchObject({ status: 200, body: { message: '', attachments: body.attachments } });
    const words = await alice.say(bob._id, 'words');
    const refused = await alice.call('PATCH', `/api/messages/${words._id}`, { message: '' });
    expect(refused).toMatchObject({ status: 400, body: { code: 'INVALID' } });
  });
});

describe('a file that is forwarded', () => {
  it('is another file over the same bytes: deleting one message leaves the other’s', async () => {
    const fileId = await upload(alice);
    const first = (await sendFiles(alice, bob._id, [{ fileId }])).body;
    const forwarded = await sendFiles(bob, carol._id, [{ fileId, fromMessageId: first._id }]);
    expect(forwarded.status).toBe(201);
    const [attachment] = forwarded.body.attachments;
    expect(attachment).toEqual({ ...first.attachments[0], _id: attachment?._id });
    expect(attachment?._id).not.toBe(fileId);
    await alice.call('DELETE', `/api/messages/${first._id}`);
    await eventually(async () => expect((await remains(fileId)).row).toBeNull());
    expect((await remains(fileId)).length).toBeGreaterThan(0);
    await bob.call('DELETE', `/api/messages/${forwarded.body._id}`);
    await isGone(fileId);
  });

  it('is one file where the forward is sent twice', async () => {
    const fileId = await upload(alice);
    const first = (await sendFiles(alice, bob._id, [{ fileId }])).body;
    const ref = [{ fileId, fromMessageId: first._id }];
    const sent = await Promise.all(
      [1, 2, 3].map(() => sendFiles(bob, carol._id, ref, { clientId: `fw-${fileId}` })),
    );
    expect(new Set(sent.map(({ body }) => body.attachments[0]?._id)).size).toBe(1);
    expect((await remains(fileId)).bytes?.refs).toHaveLength(2);
  });

  it('has to be in a message that the sender may read', async () => {
    const fileId = await upload(alice);
    const { body } = await sendFiles(alice, bob._id, [{ fileId }]);
    const foreign = await refusal(sendFiles(carol, bob._id, [{ fileId, fromMessageId: body._id }]));
    expect(foreign).toEqual([400, 'INVALID', 'notYours']);
    const elsewhere = await alice.say(bob._id, 'not here');
    const notThere = await refusal(sendFiles(bob, carol._id, [{ fileId, fromMessageId: elsewhere._id }]));
    expect(notThere).toEqual([400, 'INVALID', 'notYours']);
  });
});

describe('the bytes of a file', () => {
  it('go with the message that is deleted for everyone', async () => {
    const fileId = await upload(alice);
    const { body } = await sendFiles(alice, bob._id, [{ fileId }]);
    const deleted = await alice.call<Message>('DELETE', `/api/messages/${body._id}`);
    expect(deleted.body.attachments).toEqual([]);
    await isGone(fileId);
  });

  it('go within a minute where the program was killed between the deletion and them', async () => {
    const fileId = await upload(alice);
    const { body } = await sendFiles(alice, bob._id, [{ fileId }]);
    // As if nobody had heard of the deletion: what is left is the mark that was made before it.
    const claim = (await remains(fileId)).row?.claim;
    await alice.call('DELETE', `/api/messages/${body._id}`);
    await isGone(fileId);
    const again = await upload(alice, { claim, dueAt: new Date(clock.now() + 30_000) });
    await sweepAfter(30_000);
    await isGone(again);
  });

  it('stay a day after the upload, and not much longer, where nothing is sent with them', async () => {
    const fileId = await upload(alice);
    await sweepAfter(dayMs - hourMs);
    expect((await remains(fileId)).length).toBeGreaterThan(0);
    await sweepAfter(hourMs);
    await eventually(async () => expect((await remains(fileId)).row?.condemnedAt).toBeDefined());
    // Whoever comes with it now is too late, though it is there.
    expect(await refusal(sendFiles(alice, bob._id, [{ fileId }]))).toEqual([400, 'INVALID', 'expired']);
    await sweepAfter(60_000);
    await isGone(fileId);
  });

  it('stay with a message that is stored, however long', async () => {
    const fileId = await upload(alice);
    const { status } = await sendFiles(alice, bob._id, [{ fileId }]);
    expect(status).toBe(201);
    await sweepAfter(dayMs);
    await eventually(async () => expect((await remains(fileId)).row?.dueAt).toBeUndefined());
    await sweepAfter(dayMs);
    expect((await remains(fileId)).length).toBeGreaterThan(0);
  });

  it('stay with a message that was stored late, when it had already been given up', async () => {
    const fileId = await upload(alice);
    const claim = { conversationId: undefined as never, senderId: undefined as never, clientId: 'late' };
    const { body: other } = await sendFiles(alice, bob._id, [{ fileId: await upload(alice) }]);
    const row = await rows().findOne({ _id: other.attachments[0]?._id }).lean();
    Object.assign(claim, row?.claim, { clientId: `late-${fileId}` });
    await rows().updateOne({ _id: fileId }, { $set: { claim, dueAt: new Date(clock.now()) } });
    await sweepAfter(0);
    await eventually(async () => expect((await remains(fileId)).row?.condemnedAt).toBeDefined());
    await server.store.connection
      .collection('entries')
      .updateOne(
        { clientId: row?.claim?.clientId },
        { $set: { clientId: claim.clientId, attachments: [{ _id: fileId, name: 'a', type: 'b', size: 1 }] } },
      );
    await sweepAfter(60_000);
    await eventually(async () => expect((await remains(fileId)).row?.condemnedAt).toBeUndefined());
    expect((await remains(fileId)).length).toBeGreaterThan(0);
  });

  it('go with the room that is deleted', async () => {
    const form = { name: 'Attic', slug: `attic-${Date.now() % 1e6}`, language: 'en' };
    const room = (await alice.post<EnteredRoom>('/api/rooms', form)).body;
    const fileId = await upload(alice);
    expect((await sendFiles(alice, room._id, [{ fileId }])).status).toBe(201);
    await alice.call('DELETE', `/api/rooms/${room.slug}`);
    await eventually(async () => {
      clock.skip(60_000);
      expect((await remains(fileId)).row?.condemnedAt).toBeDefined();
    });
    await sweepAfter(60_000);
    await isGone(fileId);
  });

  it('are swept where no file is made of them, and stay where one is', async () => {
    const [left, kept] = [await upload(alice), await upload(alice)];
    const due = { $set: { dueAt: new Date(clock.now()) } };
    const { bytes, files } = filesOn(server.store.connection);
    await bytes.updateMany({ _id: { $in: [left, kept] } }, due);
    await files.deleteOne({ _id: left });
    await sweepAfter(0);
    await isGone(left);
    await eventually(async () => expect((await remains(kept)).bytes?.dueAt).toBeUndefined());
    expect((await remains(kept)).length).toBeGreaterThan(0);
  });
});

describe('the list of what was sent in a conversation', () => {
  const list = (who: Someone, id: string, query: string) =>
    who.get<SharedPage & { code?: string }>(`/api/conversations/${id}/files?${query}`);

  it('has each kind by itself, newest first, in pages of whole messages', async () => {
    const [me, you] = await server.people('me', 'you');
    const picture = { type: 'image/png', name: 'p.png' };
    const voice = { type: 'audio/mp4', name: 'v.m4a', peaks: Array.from({ length: 64 }, () => 0.5) };
    const album = [await upload(me, picture), await upload(me, picture)];
    const first = (
      await sendFiles(
        me,
        you._id,
        album.map((fileId) => ({ fileId })),
      )
    ).body;
    const id = first.conversationId;
    await sendFiles(you, me._id, [{ fileId: await upload(you) }, { fileId: await upload(you, picture) }]);
    await sendFiles(me, you._id, [{ fileId: await upload(me, voice) }]);
    const linked = await me.say(you._id, 'see https://example.org/a and www.example.com, not a@b.kr');
    await me.say(you._id, 'only words');
    const media = (await list(you, id, 'kind=media')).body;
    expect(media.items.map(({ seq }) => seq)).toEqual([2, 1, 1]);
    expect(media.next).toBeUndefined();
    expect(media.items.slice(1).map(({ attachment }) => attachment)).toEqual(first.attachments);
    expect((await list(you, id, 'kind=file')).body.items).toMatchObject([{ seq: 2 }]);
    expect((await list(you, id, 'kind=voice')).body.items).toMatchObject([{ seq: 3 }]);
    const at = { messageId: linked._id, seq: 4, at: linked.createdAt };
    expect((await list(you, id, 'kind=link')).body.items).toEqual([
      { ...at, url: 'https://example.org/a' },
      { ...at, url: 'https://www.example.com/' },
    ]);
    const page = (await list(you, id, 'kind=media&limit=2')).body;
    expect(page).toMatchObject({ items: [{ seq: 2 }], next: 2 });
    expect((await list(you, id, `kind=media&limit=2&before=${page.next}`)).body.items).toHaveLength(2);
  });

  it('follows edits and deletions', async () => {
    const [me, you] = await server.people('me', 'you');
    const words = await me.say(you._id, 'https://example.org');
    const id = words.conversationId;
    const plain = await me.say(you._id, 'nothing');
    await me.call('PATCH', `/api/messages/${words._id}`, { message: 'gone' });
    await me.call('PATCH', `/api/messages/${plain._id}`, { message: 'www.example.org' });
    expect((await list(you, id, 'kind=link')).body.items).toMatchObject([{ messageId: plain._id }]);
    const sent = (await sendFiles(me, you._id, [{ fileId: await upload(me) }])).body;
    expect((await list(you, id, 'kind=file')).body.items).toHaveLength(1);
    await me.call('DELETE', `/api/messages/${sent._id}`);
    await me.call('DELETE', `/api/messages/${plain._id}`);
    expect((await list(you, id, 'kind=file')).body.items).toEqual([]);
    expect((await list(you, id, 'kind=link')).body.items).toEqual([]);
  });

  it('is for those in the conversation alone, and begins where the log begins for them', async () => {
    const [me, late, other] = await server.people('me', 'late', 'other');
    const form = { name: 'Files', memberIds: [], history: 'since-joining' };
    const { _id } = (await me.post<{ _id: string }>('/api/conversations', form)).body;
    await sendFiles(me, _id, [{ fileId: await upload(me) }]);
    await me.post(`/api/conversations/${_id}/members`, { userIds: [late._id] });
    expect((await list(late, _id, 'kind=file')).body.items).toEqual([]);
    expect((await list(me, _id, 'kind=file')).body.items).toHaveLength(1);
    const [foreign, none] = [
      await list(other, _id, 'kind=file'),
      await list(other, 'f'.repeat(24), 'kind=file'),
    ];
    expect([foreign.status, none.status]).toEqual([404, 404]);
    expect(foreign.body).toEqual(none.body);
    for (const query of ['', 'kind=all', 'kind=file&before=0', 'kind=file&limit=0'])
      expect((await list(me, _id, query)).status).toBe(400);
  });
});
