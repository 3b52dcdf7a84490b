import type { EntriesPage, Entry } from '@sori/contract';
import { ApiError } from './api-error.js';
import type { Ask } from './connection.js';
import { createFollowing, type Follow, type Position } from './following.js';
import type { Http } from './http.js';
import { between, conversationId, said, entryOf } from './testing/people.js';
import { createFakeClock, settle } from './testing/clock.js';

/** A server with a log of that many messages, asked by one program. */
const setUp = (length: number, { firstSeq = 1, isConnected = true } = {}) => {
  const clock = createFakeClock();
  const server = {
    length,
    epoch: 'first life',
    answer: (): Promise<void> => Promise.resolve(),
    tooLong: Number.POSITIVE_INFINITY,
  };
  const asked: string[] = [];
  const pageAfter = (after: number, limit: number): EntriesPage => {
    const entries: Entry[] = [];
    for (let seq = after + 1; seq <= Math.min(server.length, after + limit); seq += 1)
      entries.push(entryOf(said(seq)));
    const next = after + entries.length;
    return { entries, next, headSeq: server.length, epoch: server.epoch, more: next < server.length };
  };
  const ask = ((_name: string, { after, limit }: { after: number; limit: number }) => {
    asked.push(`socket after ${after}`);
    const page = pageAfter(after, limit);
    return Promise.resolve(
      server.length - after > server.tooLong ? { ...page, entries: [], tooLong: true } : page,
    );
  }) as unknown as Ask;
  const http = (async ({ path, query }: Parameters<Http>[0]) => {
    await server.answer();
    if (!path.endsWith('/entries'))
      return { data: between({ headSeq: server.length, firstSeq }), links: new Map() };
    asked.push(`REST after ${query?.['after']}`);
    return { data: pageAfter(Number(query?.['after']), Number(query?.['limit'])), links: new Map() };
  }) as unknown as Http;
  const following = createFollowing({ clock, ask, http, isConnected: () => true });
  /** As with every connection: which life of the database this is. */
  const announceEpoch = () => following.headsReceived({ epoch: server.epoch, heads: [] });
  if (isConnected) announceEpoch();
  const at = (seq: number, epoch = server.epoch): Position => ({ epoch, seq });
  const seqs: number[] = [];
  const events: string[] = [];
  const follow = (more: Partial<Follow> = {}) =>
    following.follow(conversationId, {
      entry: ({ seq }) => seqs.push(seq),
      reset: () => events.push('reset'),
      gone: ({ code }) => events.push(`gone ${code}`),
      ...more,
    });
  /** One more message, told live. */
  const say = () => {
    server.length += 1;
    following.entryReceived(entryOf(said(server.length)));
  };
  const wait = async () => {
    await settle();
    clock.pass(1_000);
    await settle();
  };
  return { clock, server, following, follow, say, wait, at, announceEpoch, seqs, events, asked };
};

describe('following a conversation', () => {
  it('tells what comes from now on', async () => {
    const { follow, say, wait, seqs } = setUp(3);
    follow();
    await wait();
    say();
    say();
    expect(seqs).toEqual([4, 5]);
  });

  it('tells what was said while the conversation was asked for', async () => {
    const { follow, say, wait, seqs, server } = setUp(3);
    let answer: () => void = () => undefined;
    server.answer = () => new Promise((resolve) => (answer = resolve));
    follow();
    await settle();
    say();
    answer();
    await wait();
    expect(seqs).toEqual([4]);
  });

  it('goes on behind what the program knows, however far the server is ahead', async () => {
    const { follow, wait, at, seqs } = setUp(1_200);
    follow({ from: at(2) });
    await wait();
    expect(seqs).toEqual(Array.from({ length: 1_198 }, (_, index) => index + 3));
  });

  it('goes a way over REST that is too long for the socket, and comes back to it', async () => {
    const { follow, wait, seqs, asked, server, following } = setUp(1_200);
    server.tooLong = 600;
    follow({ from: 'beginning' });
    await wait();
    expect(seqs).toHaveLength(1_200);
    expect(asked).toEqual(['socket after 0', 'REST after 0', 'REST after 500', 'REST after 1000']);
    server.length = 1_202;
    following.headsReceived({ epoch: server.epoch, heads: [{ conversationId, headSeq: 1_202 }] });
    await wait();
    expect(seqs.slice(-2)).toEqual([1_201, 1_202]);
    expect(asked.at(-1)).toBe('socket after 1200');
  });

  it('begins where this person may see', async () => {
    const { follow, wait, seqs } = setUp(5, { firstSeq: 4 });
    follow({ from: 'beginning' });
    await wait();
    expect(seqs).toEqual([4, 5]);
  });

  it('says that the database was restored, and goes on with what comes', async () => {
    const { follow, wait, say, seqs, events, server, following } = setUp(3);
    follow({ from: 'beginning' });
    await wait();
    server.length = 2;
    server.epoch = 'second life';
    following.headsReceived({ epoch: server.epoch, heads: [{ conversationId, headSeq: 2 }] });
    await wait();
    say();
    await wait();
    expect(events).toEqual(['reset']);
    expect(seqs).toEqual([1, 2, 3, 3]);
  });

  it('says so where the program knows more than there is', async () => {
    const { follow, wait, say, at, seqs, events } = setUp(3);
    follow({ from: at(7) });
    await wait();
    say();
    expect([events, seqs]).toEqual([['reset'], [4]]);
  });

  it('says so where the program knows a log of before the database was restored, however long that was', async () => {
    const { follow, wait, say, at, seqs, events } = setUp(3);
    follow({ from: at(2, 'an earlier life') });
    await wait();
    say();
    expect([events, seqs]).toEqual([['reset'], [4]]);
  });

  it('may then be followed from the beginning at once', async () => {
    const { follow, wait, at, seqs } = setUp(3);
    const end = follow({
      from: at(2, 'an earlier life'),
      reset: () => {
        end();
        follow({ from: 'beginning' });
      },
    });
    await wait();
    expect(seqs).toEqual([1, 2, 3]);
  });

  it('goes on after a restart of the program where the last entry was', async () => {
    const { follow, wait, say, announceEpoch, seqs } = setUp(3, { isConnected: false });
    let last: Position | undefined;
    const end = follow({ from: 'beginning', entry: (_entry, position) => (last = position) });
    await wait();
    expect(last).toBeUndefined();
    announceEpoch();
    await wait();
    expect(last).toEqual({ epoch: 'first life', seq: 3 });
    end();
    say();
    if (last !== undefined) follow({ from: last });
    await wait();
    expect(seqs).toEqual([4]);
  });

  it('says once that the conversation is not there, and may be asked again', async () => {
    const { follow, wait, server, events, seqs } = setUp(3);
    server.answer = () => Promise.reject(new ApiError('NOT_FOUND', 'Nothing here'));
    follow();
    await wait();
    expect(events).toEqual(['gone NOT_FOUND']);
    server.answer = () => Promise.resolve();
    follow({ from: 'beginning' });
    await wait();
    expect(seqs).toEqual([1, 2, 3]);
  });

  it('asks again where the server does not answer', async () => {
    const { follow, wait, server, events, seqs } = setUp(3);
    server.answer = () => Promise.reject(new ApiError('NO_ANSWER', 'Nobody there'));
    follow({ from: 'beginning' });
    await wait();
    expect([events, seqs]).toEqual([[], []]);
    server.answer = () => Promise.resolve();
    for (let second = 0; second < 4; second += 1) await wait();
    expect(seqs).toEqual([1, 2, 3]);
  });

  it('ends when the program ends it, in the middle of a page too', async () => {
    const { follow, wait, say, seqs } = setUp(5);
    const end = follow({
      from: 'beginning',
      entry: ({ seq }) => {
        seqs.push(seq);
        if (seq === 2) end();
      },
    });
    await wait();
    say();
    await wait();
    expect(seqs).toEqual([1, 2]);
  });

  it('is for one at a time', () => {
    const { follow } = setUp(1);
    const end = follow();
    expect(() => follow()).toThrow('followed already');
    end();
    expect(() => follow()).not.toThrow();
  });
});
