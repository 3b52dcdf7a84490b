import { type EntriesPage, type Entry, limits, type Message } from '@sori/contract';
import { Types } from 'mongoose';
import { conversationsOn } from '../../conversation-log/conversations.model.js';
import { fsck } from '../../conversation-log/fsck.js';
import { entriesOn, type EntryRow } from '../../conversation-log/entries.model.js';
import type { Register } from '../../conversation-log/reaction-registers.js';
import { connectDatabase } from '../../database/connect.js';
import type { Client } from '../../testing/live.js';
import { type Door, doors, type Someone } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';

const server = useServer();
let alice: Someone;
let bob: Someone;
beforeAll(async () => {
  [alice, bob] = await server.people('alice', 'bob');
});

type Registers = Register[];
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
/** So many people chose this, one after the other. */
const strangers = (count: number, emojis: string[] = ['👍']): Registers =>
  upTo(count).map((seq) => ({ userId: new Types.ObjectId(), emojis, seq: -count + seq }));
const idsOf = (registers: Registers): string[] => registers.map(({ userId }) => userId.toHexString());
/** Twenty-one different ones. */
const kinds = '🍇 🍈 🍉 🍊 🍋 🍌 🍍 🥭 🍎 🍏 🍐 🍑 🍒 🍓 🫐 🥝 🍅 🫒 🥥 🥑 🍆'.split(' ');

/** A message of Alice's to Bob with these reactions, as if those people had been there. */
const withReactions = async (reactions: Registers): Promise<Message> => {
  const message = await alice.say(bob._id, 'what do you think?');
  await server.store.connection
    .collection<EntryRow>('entries')
    .updateOne({ _id: new Types.ObjectId(message._id) }, { $set: { reactions } });
  return message;
};

let made = 0;
/** Whoever reacts gives their whole set over the socket, and one emoji by REST. */
const react = async (
  door: Door,
  who: Someone,
  { _id }: Message,
  emojis: string[],
): Promise<{ code?: string; message: Message }> => {
  if (door === 'REST') {
    const path = `/api/messages/${_id}/reactions/${encodeURIComponent(emojis.at(-1) ?? '')}`;
    const { body } = await who.call<Message & { code?: string }>('PUT', path);
    return { ...(body.code === undefined ? {} : { code: body.code }), message: body };
  }
  const clientId = `react-${(made += 1)}`;
  const tab = await who.sori();
  return (await tab.ask('message:react', { messageId: _id, emojis, clientId })) as never;
};
const historyOf = async (who: Someone, { conversationId, _id }: Message): Promise<Message | undefined> =>
  (await who.get<Message[]>(`/api/messages/${conversationId}`)).body.find((one) => one._id === _id);

describe('a message to which very many reacted', () => {
  const many = strangers(limits.reactorsShown + 20);
  const first = idsOf(many).slice(0, limits.reactorsShown);
  const count = many.length + 1;

  it.each(doors)('names the first ones to all, and oneself to whoever asks or reacts by %s', async (door) => {
    const message = await withReactions(many);
    const [alicesTab, bobsTab] = await Promise.all([alice.sori(), bob.sori()]);
    const answer = await react(door, bob, message, ['👍']);
    expect(answer.message.reactions).toEqual([{ emoji: '👍', count, userIds: [...first, bob._id] }]);
    const toAll = { kind: 'react', senderId: bob._id, emojis: ['👍'] };
    for (const tab of [alicesTab, bobsTab]) {
      const entry = (await tab.next('entry')) as Entry & { target: Message };
      expect(entry).toMatchObject(toAll);
      expect(entry.target.reactions).toEqual([{ emoji: '👍', count, userIds: first }]);
    }
    expect((await historyOf(bob, message))?.reactions[0]?.userIds).toEqual([...first, bob._id]);
    expect((await historyOf(alice, message))?.reactions).toEqual([{ emoji: '👍', count, userIds: first }]);
    const { body: page } = await bob.get<EntriesPage>(
      `/api/conversations/${message.conversationId}/entries?after=${message.seq - 1}`,
    );
    const own = { reactions: [{ emoji: '👍', count, userIds: [...first, bob._id] }] };
    expect(page.entries).toMatchObject([
      { kind: 'message', ...own },
      { ...toAll, target: own },
    ]);
    const { body: list } = await bob.get<{ lastMessage: Message }[]>('/api/conversations');
    expect(list[0]?.lastMessage.reactions[0]?.userIds).toEqual([...first, bob._id]);
  });

  it('shows an empty set as empty, and no longer names somebody who took theirs back', async () => {
    const message = await withReactions(many);
    await react('the socket', bob, message, ['👍', '🎉']);
    const tab = await alice.sori();
    const { message: after } = await react('the socket', bob, message, []);
    expect(after.reactions).toEqual([{ emoji: '👍', count: many.length, userIds: first }]);
    expect(await tab.next('entry')).toMatchObject({ kind: 'react', emojis: [], target: after });
  });
});

describe.each(doors)('the limit of one message, by %s,', (door) => {
  it('is twenty different reactions: a further one is refused, what is there can be chosen', async () => {
    const message = await withReactions(
      kinds.slice(0, limits.reactionKindsMax).flatMap((emoji) => strangers(1, [emoji])),
    );
    const [there, new21st] = [kinds[0] ?? '', kinds[limits.reactionKindsMax] ?? ''];
    expect(await react(door, bob, message, [new21st])).toMatchObject({ code: 'REFUSED' });
    const { message: chosen } = await react(door, bob, message, [there]);
    expect(chosen.reactions.find(({ emoji }) => emoji === there)).toMatchObject({ count: 2 });
    expect(await react(door, bob, message, [there, new21st])).toMatchObject({ code: 'REFUSED' });
    expect((await historyOf(alice, message))?.reactions).toHaveLength(limits.reactionKindsMax);
  });

  it('is five thousand people: whoever comes then is refused, who is there may change and go', async () => {
    const crowd = strangers(limits.reactorsMax - 1);
    // Who took theirs back does not count.
    const message = await withReactions([...strangers(10, []), ...crowd]);
    const { message: full } = await react(door, bob, message, ['👍']);
    expect(full.reactions).toMatchObject([{ emoji: '👍', count: limits.reactorsMax }]);
    expect(await react(door, alice, message, ['👍'])).toMatchObject({ code: 'REFUSED' });
    expect((await react(door, bob, message, ['👍', '🎉'])).message.reactions).toHaveLength(2);
    const path = `/api/messages/${message._id}/reactions/`;
    for (const emoji of ['👍', '🎉']) await bob.call('DELETE', path + encodeURIComponent(emoji));
    expect((await react(door, alice, message, ['👍'])).message.reactions).toMatchObject([
      { count: limits.reactorsMax },
    ]);
  });
});

describe('the last place on a message', () => {
  /** By the doors in turn, all at the same moment. */
  const atOnce = async (message: Message, chosen: [Someone, string][]): Promise<string[]> => {
    const answers = await Promise.all(
      chosen.map(([who, emoji], index) => react(doors[index % 2] ?? 'REST', who, message, [emoji])),
    );
    return answers.map(({ code = 'stored' }) => code).sort();
  };

  it('goes to one of those who want it for another emoji at the same moment', async () => {
    const there = kinds.slice(0, limits.reactionKindsMax - 1);
    // So many that nobody has answered before everybody has read.
    const message = await withReactions(there.flatMap((emoji) => strangers(200, [emoji])));
    const codes = await atOnce(message, [
      [alice, '🎉'],
      [bob, '🎈'],
    ]);
    expect(codes).toEqual(['REFUSED', 'stored']);
    expect((await historyOf(bob, message))?.reactions).toHaveLength(limits.reactionKindsMax);
  });

  it('goes to one of those who come at the same moment, and to the next when they go', async () => {
    const message = await withReactions(strangers(limits.reactorsMax - 1));
    const codes = await atOnce(message, [
      [alice, '👍'],
      [bob, '👍'],
    ]);
    expect(codes).toEqual(['REFUSED', 'stored']);
    for (const who of [alice, bob]) await react('the socket', who, message, []);
    expect((await react('REST', bob, message, ['👍'])).code).toBeUndefined();
    expect((await historyOf(alice, message))?.reactions).toMatchObject([{ count: limits.reactorsMax }]);
  });
});

it('a crowd that reacts to a long message at once: everybody receives each reaction, the message comes with the last', async () => {
  const crowd = await server.people('crowd1', ...upTo(11).map((n) => `crowd${n + 1}`));
  const [owner, ...others] = crowd;
  const group = await owner.call<{ _id: string }>('POST', '/api/conversations', {
    name: 'everybody',
    memberIds: others.map(({ _id }) => _id),
  });
  const one = crowd.at(-1) ?? bob;
  const [ownersTab, ownTab, messageThere] = [await owner.sori(), await one.sori(), '가'.repeat(8_000)];
  const message = await owner.say(group.body._id, messageThere);
  await Promise.all(others.map((who) => react('the socket', who, message, ['👍'])));
  await react('the socket', one, message, ['🎉']);
  await owner.say(group.body._id, 'done');
  const reactionsTo = async (tab: Client) => {
    expect(await tab.next('newMessage')).toMatchObject({ message: messageThere });
    expect(await tab.next('newMessage')).toMatchObject({ message: 'done' });
    const received = tab.all('entry') as (Entry & { target?: Message })[];
    return received.filter(({ kind }) => kind === 'react');
  };
  const received = await reactionsTo(ownersTab);
  expect(received.map(({ seq }) => seq)).toEqual(upTo(12).map((n) => message.seq + n));
  expect(received.at(-1)?.target?.reactions).toMatchObject([
    { emoji: '👍', count: 10 },
    { emoji: '🎉', count: 1, userIds: [one._id] },
  ]);
  // The tab of somebody who reacted receives with each entry of their own how the message is for them.
  const own = (await reactionsTo(ownTab)).filter(
    (entry) => 'senderId' in entry && entry.senderId === one._id,
  );
  expect(own).toHaveLength(2);
  for (const entry of own) expect(entry).toHaveProperty('target.message', messageThere);
});

it('replacing an emoji that only oneself chose by another works even if all kinds are taken', async () => {
  const message = await withReactions(
    kinds.slice(0, limits.reactionKindsMax - 1).flatMap((emoji) => strangers(1, [emoji])),
  );
  await react('the socket', bob, message, ['🎉']);
  const { message: swapped } = await react('the socket', bob, message, ['🚀']);
  expect(swapped.reactions).toHaveLength(limits.reactionKindsMax);
});

it('the reactions that were taken back are bounded: a message that very many left takes no new person', async () => {
  const message = await withReactions(strangers(limits.reactorsMax * 4, []));
  expect(await react('REST', bob, message, ['👍'])).toMatchObject({ code: 'REFUSED' });
});

it('five hundred who react at the same time are all counted, and the log agrees', async () => {
  const message = await withReactions([]);
  const { conversationId, seq } = message;
  const store = await connectDatabase(server.engine.uri);
  const entries = entriesOn(store.connection);
  const rows = upTo(500).map((index) => ({
    _id: new Types.ObjectId(),
    conversationId: new Types.ObjectId(conversationId),
    seq: seq + index,
    kind: 'react' as const,
    senderId: new Types.ObjectId(),
    clientId: `many-${index}`,
    payloadHash: '',
    at: new Date(message.createdAt),
    messageCount: 1,
    membersVersion: 0,
    targetSeq: seq,
    emojis: ['👍'],
  }));
  try {
    await entries.collection.insertMany(rows);
    const { body } = await bob.get<EntriesPage>(
      `/api/conversations/${conversationId}/entries?after=${seq}&limit=500&targets=once`,
    );
    expect(body).toMatchObject({ next: seq + 500, more: false });
    expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(300_000);
    const [reaction] = (await historyOf(bob, message))?.reactions ?? [];
    expect(reaction).toEqual({
      emoji: '👍',
      count: 500,
      userIds: rows.slice(0, limits.reactorsShown).map(({ senderId }) => senderId.toHexString()),
    });
    const membersOf = () => Promise.resolve([]);
    const conversations = conversationsOn(store.connection);
    const { findings } = await fsck({ entries, conversations, membersOf }, [conversationId]);
    expect(findings.filter(({ what }) => what.includes(`seq ${seq} `))).toEqual([]);
  } finally {
    await store.close();
  }
});
