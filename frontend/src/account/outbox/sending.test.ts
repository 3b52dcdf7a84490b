import {
  ApiError,
  type ApiErrorCode,
  createDrain,
  itemsOf,
  keepOutbox,
  type OutboxItem,
  type OutboxChange,
  type OutboxStorage,
} from '@sori/client';
import { alice, conversationId, said, entryOf } from '@sori/client/testing';
import type { Id } from '@sori/contract';
import fc from 'fast-check';
import { outboxInStore } from './outboxInStore';
import { createAppStore } from '../../session/appStore';
import { createFakeClock, settle } from '../../testing/clock';

/**
 * Two tabs of one person, a server that is a list, and everything that can come between them, in any order: whatever
 * happens, each message is in the list once, in the order in which its tab wrote it, and only what is refused for good is not.
 */

const lanes = [conversationId, 'd'.repeat(24)] as const;

/** What becomes of one try. Where there is no answer, or RETRY, nobody knows whether it was stored. */
const outcomes = [
  'ok',
  'ok',
  'ok',
  'stored, and no answer',
  'no answer',
  'no answer, and stored later',
  'stored, and RETRY',
  'RETRY',
  'BUSY',
  'UNAVAILABLE',
  'INTERNAL',
  'RATE_LIMITED',
  'UNAUTHENTICATED',
] as const;
type Outcome = (typeof outcomes)[number];

const codeOf = (outcome: Exclude<Outcome, 'ok'>): ApiErrorCode => {
  if (outcome === 'stored, and RETRY') return 'RETRY';
  return outcome.includes('no answer') ? 'NO_ANSWER' : (outcome as ApiErrorCode);
};

/** What the server has, by conversation, in the order of seq. The same clientId again is the same message. */
const createServer = () => {
  const logs = new Map<Id, OutboxItem[]>();
  const logOf = (lane: Id) => {
    const log = logs.get(lane) ?? [];
    logs.set(lane, log);
    return log;
  };
  const messageAt = (lane: Id, index: number) =>
    said(index + 1, alice, { conversationId: lane, clientId: logOf(lane)[index]?.clientId ?? '' });
  return {
    logOf,
    has: ({ lane, clientId }: OutboxItem) => logOf(lane).some((item) => item.clientId === clientId),
    store: (item: OutboxItem) => {
      const log = logOf(item.lane);
      let index = log.findIndex(({ clientId }) => clientId === item.clientId);
      if (index === -1) index = log.push(item) - 1;
      // Another text under that name.
      if (log[index]?.text !== item.text) throw new ApiError('CONFLICT', '');
      return messageAt(item.lane, index);
    },
    entriesAfter: (lane: Id, cursor: number) =>
      logOf(lane)
        .map((_, index) => entryOf(messageAt(lane, index)))
        .slice(cursor),
  };
};

const isBad = ({ text }: { text: string }): boolean => text.startsWith('bad');

type Try = { item: OutboxItem; tab: number; answer: (outcome: Outcome) => void };

const setUp = () => {
  const clock = createFakeClock();
  const server = createServer();
  const disk = new Map<string, OutboxItem>();
  const storage: OutboxStorage = {
    outlivesPage: true,
    load: () => Promise.resolve([...disk.values()]),
    write: ({ put, remove }) => {
      for (const item of put) disk.set(item.clientId, item);
      for (const clientId of remove) disk.delete(clientId);
      return Promise.resolve();
    },
    close: () => undefined,
  };
  const written: { clientId: string; text: string; tab: number; lane: Id }[] = [];
  const thrownAway = new Set<string>();
  const wrong: string[] = [];
  let tries: Try[] = [];
  const late: OutboxItem[] = [];
  let leader = 0;

  /** As `account.ts` puts it together. */
  const openTab = (tab: number) => {
    const store = createAppStore();
    store.getState().signedIn(alice);
    // Both conversations are on the screen.
    for (const lane of lanes) store.getState().conversationBegun(lane);
    const connection = { up: true, signedOut: false };
    const mail: OutboxChange[] = [];
    const cursors = new Map<Id, number>();
    let isLoaded = false;
    const outbox = keepOutbox({
      outbox: outboxInStore(store),
      keepingChanged: (isKept) => store.getState().keepingChanged('outbox', isKept),
      clock,
      storage: Promise.resolve(storage),
      announce: (change) => tabs.forEach((other, index) => index !== tab && other.mail.push(change)),
    });
    const drain = createDrain({
      outbox: outboxInStore(store),
      clock,
      isConnected: () => connection.up,
      leads: () => isLoaded && leader === tab,
      takeLead: () => happen.lead({ tab }),
      isOthers: outbox.isOthers,
      kept: outbox.kept,
      send: (item) => {
        // Written down and not thrown: what is thrown here is a failed try.
        const must = (holds: boolean, what: string) => holds || wrong.push(`${item.clientId}: ${what}`);
        must(!connection.signedOut, 'tried before the person had signed in again');
        must(
          disk.has(item.clientId) || server.has(item) || thrownAway.has(item.clientId),
          'tried before a reload would have found it',
        );
        must(
          // Of what the log has told already a last try may still be under way.
          tries.every(
            (other) => other.tab !== tab || other.item.lane !== item.lane || server.has(other.item),
          ),
          'tried while another one of its conversation was in flight',
        );
        return new Promise((resolve, reject) => {
          const answer = (outcome: Outcome) => {
            tries = tries.filter((other) => other.answer !== answer);
            // What the log told meanwhile is done with, whatever it is answered.
            if (outcome === 'UNAUTHENTICATED' && !server.has(item)) connection.signedOut = true;
            if (outcome === 'no answer, and stored later' && !isBad(item)) late.push(item);
            const reaches = outcome === 'ok' || outcome.startsWith('stored');
            const message = reaches && !isBad(item) ? server.store(item) : undefined;
            if (outcome !== 'ok') reject(new ApiError(codeOf(outcome), outcome));
            else if (message === undefined) reject(new ApiError('TOO_LARGE', 'refused for good'));
            else resolve(message);
          };
          tries.push({ item, tab, answer });
        });
      },
      sent: ({ clientId }, message) => {
        store.getState().messageStored(clientId, message);
        if ((cursors.get(message.conversationId) ?? 0) >= message.seq)
          store.getState().messagesSettled(new Set([clientId]));
      },
    });
    void outbox.ready.then(() => {
      isLoaded = true;
      drain.look();
    });
    store.subscribe((state, before) => {
      if (state.outbox !== before.outbox) drain.look();
    });
    return {
      store,
      connection,
      mail,
      drain,
      receive: (lane: Id) => {
        const entries = server.entriesAfter(lane, cursors.get(lane) ?? 0);
        cursors.set(lane, (cursors.get(lane) ?? 0) + entries.length);
        if (entries.length > 0) store.getState().entriesApplied(lane, entries);
      },
      readMail: () => {
        for (const change of mail.splice(0)) outbox.received(change);
      },
      items: () => itemsOf(store.getState().outbox),
      close: () => {
        drain.stop();
        outbox.stop();
      },
    };
  };
  type Tab = ReturnType<typeof openTab>;
  const tabs: Tab[] = [];
  tabs.push(openTab(0), openTab(1));
  const tabAt = (index: number): Tab => {
    const tab = tabs[index];
    if (tab === undefined) throw new Error(`There is no tab ${index}`);
    return tab;
  };
  const losesConnection = (tab: number, stored: boolean) => {
    for (const one of tries.filter((other) => other.tab === tab))
      one.answer(stored ? 'stored, and no answer' : 'no answer');
  };
  const firstFailed = (tab: number): string =>
    tabAt(tab)
      .items()
      .find(({ state }) => state === 'failed')?.clientId ?? '';

  const happen = {
    write: ({ tab, lane, bad }: { tab: number; lane: number; bad: boolean }) => {
      const to = lanes[lane] ?? conversationId;
      const text = `${bad ? 'bad' : 'good'} ${written.length}`;
      const one = { clientId: `c${written.length}`, text, tab, lane: to };
      written.push(one);
      tabAt(tab)
        .store.getState()
        .messageWritten({ ...one, to, queuedAt: new Date(clock.now()).toISOString() });
    },
    answer: ({ which, outcome }: { which: number; outcome: number }) =>
      tries[which % Math.max(1, tries.length)]?.answer(outcomes[outcome] ?? 'ok'),
    pass: ({ ms }: { ms: number }) => clock.pass(ms),
    lose: ({ tab, stored }: { tab: number; stored: boolean }) => {
      tabAt(tab).connection.up = false;
      losesConnection(tab, stored);
    },
    // On connecting again the person has signed in again, too.
    connect: ({ tab }: { tab: number }) => {
      tabAt(tab).connection.up = true;
      tabAt(tab).connection.signedOut = false;
      tabAt(tab).drain.resume();
    },
    lead: ({ tab }: { tab: number }) => {
      leader = tab;
      tabs[tab]?.drain.look();
    },
    receive: ({ tab, lane }: { tab: number; lane: number }) =>
      tabAt(tab).receive(lanes[lane] ?? conversationId),
    mail: ({ tab }: { tab: number }) => tabAt(tab).readMail(),
    reload: ({ tab, stored }: { tab: number; stored: boolean }) => {
      tabAt(tab).close();
      losesConnection(tab, stored);
      tabs[tab] = openTab(tab);
    },
    land: () => {
      for (const item of late.splice(0)) server.store(item);
    },
    retry: ({ tab }: { tab: number }) => tabAt(tab).store.getState().messageRetried(firstFailed(tab)),
    discard: ({ tab }: { tab: number }) => {
      thrownAway.add(firstFailed(tab));
      tabAt(tab).store.getState().messageDiscarded(firstFailed(tab));
    },
  };

  /** Everything works again, for as long as it takes. */
  const heal = async (): Promise<void> => {
    happen.land();
    for (const tab of [0, 1]) happen.connect({ tab });
    for (let round = 0; ; round += 1) {
      await settle();
      for (const tab of tabs) {
        tab.readMail();
        for (const lane of lanes) tab.receive(lane);
      }
      const open = tries;
      for (const { answer } of open) answer('ok');
      await settle();
      clock.pass(31_000);
      await settle();
      const waiting = tabs.flatMap((tab) => tab.items().filter(({ state }) => state !== 'failed'));
      if (tries.length === 0 && waiting.length === 0 && tabs.every(({ mail }) => mail.length === 0)) return;
      if (round > 300) throw new Error(`These are never sent: ${waiting.map(({ text }) => text).join(', ')}`);
    }
  };
  return { happen, heal, server, written, thrownAway, tabs, disk, wrong };
};

const tab = fc.integer({ min: 0, max: 1 });
const lane = fc.integer({ min: 0, max: lanes.length - 1 });
const event = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      write: fc.record({ tab, lane, bad: fc.integer({ max: 9 }).map((n) => n === 0) }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      answer: fc.record({ which: fc.nat(3), outcome: fc.nat(outcomes.length - 1) }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ pass: fc.record({ ms: fc.integer({ min: 0, max: 20_000 }) }) }) },
  { weight: 1, arbitrary: fc.record({ lose: fc.record({ tab, stored: fc.boolean() }) }) },
  { weight: 2, arbitrary: fc.record({ connect: fc.record({ tab }) }) },
  // The third one is a tab that the browser has frozen.
  { weight: 1, arbitrary: fc.record({ lead: fc.record({ tab: fc.integer({ min: 0, max: 2 }) }) }) },
  { weight: 3, arbitrary: fc.record({ receive: fc.record({ tab, lane }) }) },
  { weight: 2, arbitrary: fc.record({ mail: fc.record({ tab }) }) },
  { weight: 1, arbitrary: fc.record({ reload: fc.record({ tab, stored: fc.boolean() }) }) },
  { weight: 1, arbitrary: fc.record({ land: fc.constant(null) }) },
  { weight: 1, arbitrary: fc.record({ retry: fc.record({ tab }) }) },
  { weight: 1, arbitrary: fc.record({ discard: fc.record({ tab }) }) },
);

it('has every message in the log once, in the order of its tab, whatever came between, and shows what was refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 80, size: 'max' }), async (events) => {
      const { happen, heal, server, written, thrownAway, tabs, disk, wrong } = setUp();
      await settle();
      for (const happened of events) {
        for (const [name, what] of Object.entries(happened))
          (happen[name as keyof typeof happen] as (given: unknown) => void)(what);
        await settle();
      }
      await heal();
      expect(wrong).toEqual([]);
      const good = written.filter((one) => !isBad(one));
      for (const place of lanes) {
        const log = server.logOf(place).map(({ clientId }) => clientId);
        expect([...log].sort()).toEqual(
          good
            .filter((one) => one.lane === place)
            .map(({ clientId }) => clientId)
            .sort(),
        );
        for (const writer of [0, 1]) {
          const own = good.filter((one) => one.tab === writer && one.lane === place);
          const names = new Set(own.map(({ clientId }) => clientId));
          expect(log.filter((clientId) => names.has(clientId))).toEqual(own.map(({ clientId }) => clientId));
        }
      }
      const bad = written.filter((one) => isBad(one) && !thrownAway.has(one.clientId));
      for (const { items } of tabs) {
        const failed = new Set(items().map(({ clientId, state }) => `${clientId} ${state}`));
        for (const { clientId } of bad) expect(failed).toContain(`${clientId} failed`);
      }
      for (const { clientId } of good) expect(disk.has(clientId)).toBe(false);
    }),
    { numRuns: Number(process.env['SORI_PROPERTY_RUNS'] ?? 150) },
  );
}, 240_000);
