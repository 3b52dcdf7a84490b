import { asEntry, entriesCame, followFrom, type Follower, isBehind } from '@sori/client';
import type { Entry, Message } from '@sori/contract';
import fc from 'fast-check';
import { Types } from 'mongoose';
import type { EntryRow, MessageRow } from '../conversation-log/entries.model.js';
import { createStoredEntries } from '../conversation-log/stored-entries.js';
import { createTailCache, tailOf } from '../conversation-log/tail-cache.js';
import { toEntry } from '../conversation-log/to-contract.js';
import { createTurns } from '../conversation-log/turns.js';
import type { Audience } from '../core/audience.js';
import { createLiveDelivery } from '../delivery/live-delivery.js';
import { createFakeClock } from '../testing/fake-clock.js';
import { keptLog } from '../testing/kept-log.js';
import { type Link, noLink } from './link.js';
import { decode, encode } from './publications.js';
import { createStoredRelay } from './stored-relay.js';

const conversationId = new Types.ObjectId();
const people = [new Types.ObjectId().toHexString(), new Types.ObjectId().toHexString()];
const audience: Audience = {
  conversationId: conversationId.toHexString(),
  kind: 'direct',
  participants: people,
  membersVersion: 0,
};

const message = (seq: number): MessageRow => ({
  _id: new Types.ObjectId(),
  conversationId,
  seq,
  senderId: new Types.ObjectId(people[seq % 2]),
  clientId: `c${seq}`,
  payloadHash: '',
  at: new Date(1_700_000_000_000 + seq),
  updatedAt: new Date(1_700_000_000_000 + seq),
  messageCount: seq,
  membersVersion: 0,
  kind: 'message',
  message: `message ${seq}`,
  attachments: [],
  reactions: [],
});

/** What becomes of a publication on its way to one server. */
type Fate = { copies: number; delay: number };
const fate: fc.Arbitrary<Fate> = fc.record({
  // One of five is lost, some come twice.
  copies: fc.constantFrom(0, 1, 1, 1, 2),
  delay: fc.nat(20),
});

interface OnItsWay {
  at: number;
  to: number;
  published: Buffer;
}

/** A server without anything but what stores, publishes, hears and emits; somebody who follows is connected to it. */
function createServer(index: number, publish: (published: Buffer) => void) {
  const handlers = new Map<string, (body: never, channel: string) => void>();
  const link: Link = {
    ...noLink,
    isUp: () => true,
    // To each of the two people: both are connected everywhere, and it is enough to hear of it once.
    publishOver: (_channels, kind, body) => publish(encode(Buffer.alloc(12, index), kind, body)),
    on: (kind, handler) => void handlers.set(kind, handler),
  };
  const { log } = keptLog();
  const turns = createTurns({
    tails: createTailCache(),
    hearsOthers: () => true,
    insertTakes: () => 5,
    random: () => 0,
  });
  const stored = createStoredEntries(log);
  let follower: Follower = followFrom(0);
  const applied: Entry[] = [];
  function came(entries: readonly Entry[]): void {
    const next = entriesCame(follower, entries);
    follower = next.follower;
    applied.push(...next.applied);
  }
  const emitted: number[] = [];
  const receive = (notice: unknown): void => {
    const entry = asEntry(notice as Message);
    emitted.push(entry.seq);
    came([entry]);
  };
  stored.subscribeToOwn(
    createStoredRelay({
      link,
      audienceOf: () => audience,
      learn: (_entry, turn) => turn && turns.heard(audience.conversationId, turn),
      turns,
      learnDirect: () => undefined,
      targetOf: () => Promise.resolve(undefined),
      storedElsewhere: stored.publishOfOthers,
      report: (error) => {
        throw error;
      },
    }),
  );
  stored.subscribe(
    createLiveDelivery({
      emit: {
        toPeople: (_ids, _name, notice) => receive(notice),
        toPeopleAndTutorials: (_to, _name, notice) => receive(notice),
        hasSocket: () => true,
      },
      audienceOf: () => audience,
      people: () => Promise.resolve(new Map()),
      clock: createFakeClock(),
      log,
    }),
  );
  return {
    store(entry: EntryRow): void {
      turns.appended(audience.conversationId, entry.seq, tailOf(entry));
      stored.publish(entry);
    },
    hear(published: Buffer): void {
      const { kind, body } = decode(published);
      handlers.get(kind)?.(body as never, `p:${people[0] ?? ''}`);
    },
    /** How long it waits until it appends behind this entry, in milliseconds, and whether it takes the turn for its own. */
    waits: (entry: EntryRow): number => turns.waitMs(audience.conversationId, tailOf(entry)),
    isTurn: (entry: EntryRow): boolean => turns.isOwn(audience.conversationId, tailOf(entry)),
    emitted,
    applied,
    /** A head that is ahead shows that something is missing, and it is fetched. */
    fetchMissing(log: readonly EntryRow[]): void {
      follower = { ...follower, headSeq: log.length };
      if (isBehind(follower)) came(log.slice(follower.cursor).map((row) => toEntry(row, new Map())));
    },
  };
}

it('whatever is lost, doubled or late between servers, whoever follows on any of them holds the same log', () => {
  const sends = fc.array(fc.record({ by: fc.nat(2), fates: fc.tuple(fate, fate, fate) }), { maxLength: 40 });
  fc.assert(
    fc.property(sends, (all) => {
      const onTheirWay: OnItsWay[] = [];
      let fates: readonly Fate[] = [];
      let now = 0;
      const servers = [0, 1, 2].map((index) =>
        createServer(index, (published) => {
          fates.forEach(({ copies, delay }, to) => {
            for (let copy = 0; copy < (to === index ? 0 : copies); copy += 1)
              onTheirWay.push({ at: now + delay + copy * 3, to, published });
          });
        }),
      );
      const log: EntryRow[] = [];
      const arrive = (until: number): void => {
        const due = onTheirWay.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
        for (const one of due) {
          onTheirWay.splice(onTheirWay.indexOf(one), 1);
          servers[one.to]?.hear(one.published);
        }
      };
      for (const send of all) {
        now += 1;
        arrive(now);
        fates = send.fates;
        const entry = message(log.length + 1);
        log.push(entry);
        servers[send.by]?.store(entry);
        const next = servers.filter(({ isTurn }) => isTurn(entry));
        expect(next.length).toBeLessThanOrEqual(1);
        // Asks are published by the same link, and are lost and late as well.
        for (const server of servers) expect(server.waits(entry)).toBeLessThanOrEqual(200);
      }
      arrive(Infinity);
      for (const server of servers) {
        // No entry is emitted twice by one server, and none that is not in the log.
        expect(new Set(server.emitted).size).toBe(server.emitted.length);
        server.fetchMissing(log);
        expect(server.applied).toEqual(log.map((row) => toEntry(row, new Map())));
      }
    }),
    { numRuns: 50 },
  );
});

it('whoever appends says who is next, and a server that is not named says that it has something', () => {
  const published: Buffer[] = [];
  const [one, other] = [0, 1].map((index) => createServer(index, (what) => void published.push(what)));
  if (!one || !other) throw new Error('There are two');
  const passOn = (to: typeof one): void => published.splice(0).forEach((what) => to.hear(what));
  one.store(message(1));
  passOn(other);
  // Nobody is named before it.
  expect([one.waits(message(1)) > 0, other.waits(message(1))]).toEqual([true, 0]);
  // That it asked.
  expect(published).toHaveLength(1);
  passOn(one);
  one.store(message(2));
  passOn(other);
  expect([one, other].map(({ isTurn }) => isTurn(message(2)))).toEqual([false, true]);
  other.store(message(3));
  passOn(one);
  expect([one, other].map(({ isTurn }) => isTurn(message(3)))).toEqual([true, false]);
  expect(published).toEqual([]);
});
