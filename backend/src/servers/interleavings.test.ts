import { asEntry, entriesCame, followFrom, type Follower, isBehind } from '@sori/client';
import type { Entry, Message } from '@sori/contract';
import fc from 'fast-check';
import { Types } from 'mongoose';
import type { EntryRow, MessageRow } from '../conversation-log/entries.model.js';
import { createStoredEntries } from '../conversation-log/stored-entries.js';
import { toEntry } from '../conversation-log/to-contract.js';
import type { Audience } from '../core/audience.js';
import { createLiveDelivery } from '../delivery/live-delivery.js';
import { createFakeClock } from '../testing/fake-clock.js';
import { keptLog } from '../testing/kept-log.js';
import { type Handler, type Link, noLink } from './link.js';
import { decode, encode, type Publications } from './publications.js';
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
  let hear: Handler<'stored'> | undefined;
  const link: Link = {
    ...noLink,
    isUp: () => true,
    // To each of the two people: both are connected everywhere, and it is enough to hear of it once.
    publishOver: (_channels, kind, body) => publish(encode(Buffer.alloc(12, index), kind, body)),
    on: (_kind, handler) => void (hear = handler as unknown as Handler<'stored'>),
  };
  const { log } = keptLog();
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
      learn: () => undefined,
      turns: {
        self: String(index),
        saidWith: () => undefined,
        askedBy: () => undefined,
        onAsk: () => undefined,
      },
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
    store: (entry: EntryRow) => stored.publish(entry),
    hear: (published: Buffer) =>
      hear?.(decode(published).body as Publications['stored'], `p:${people[0] ?? ''}`),
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
