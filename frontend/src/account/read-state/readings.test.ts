import { type Ask, myPositions } from '@sori/client';
import { alice, between, conversationId, readUpTo, said } from '@sori/client/testing';
import type { Conversation, Message } from '@sori/contract';
import { createAppStore } from '../../session/appStore';
import { createFakeClock, settle } from '../../testing/clock';
import { createReadings } from './readings';

const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, index) => from + index);

/** A hundred messages wait, and the page shows some of them. */
const open = (messages: Message[] = upTo(100).map((seq) => said(seq)), hasOlder = false) => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  store.getState().conversationsReceived([between({ headSeq: 100, unread: 100, mentions: 2 })]);
  store.getState().conversationOpened(conversationId);
  store.getState().pageAsked(conversationId, 'replace');
  store.getState().pageCame(conversationId, 'replace', { messages, hasOlder, hasNewer: false });
  const clock = createFakeClock();
  const asked: number[] = [];
  const connection = { isThere: false };
  const ask = ((_name, { seq }: { seq: number }) => {
    asked.push(seq);
    return connection.isThere
      ? Promise.resolve({ readSeq: seq, deliveredSeq: seq })
      : Promise.reject(new Error('the connection is away'));
  }) as Ask;
  const conversation = () => {
    const held = store.getState().conversations[conversationId]?.conversation;
    if (held === undefined) throw new Error('It is gone');
    return held;
  };
  return {
    clock,
    asked,
    connection,
    readings: createReadings({ store, ask, clock }),
    /** The page is loaded anew: what is held is what it kept, and what it had not told yet is forgotten. */
    again: () => createReadings({ store, ask, clock }),
    /** What the server describes, as one in which so much was read. */
    describes: (readSeq: number, more: Partial<Conversation> = {}) => {
      const received = readUpTo(readSeq, { headSeq: 100, unread: 100 - readSeq, ...more });
      store.getState().conversationsReceived([received]);
      return received;
    },
    conversation,
    readSeq: () => myPositions(conversation(), alice._id).readSeq,
  };
};

describe('what somebody has read', () => {
  it('is told at once, so that it is read also by who closes the page right after a look', () => {
    const { asked, readings } = open();
    readings.seen(conversationId, upTo(10));
    expect(asked).toEqual([10]);
  });

  it('is told a few times and not a hundred while one scrolls', async () => {
    const { clock, asked, readings } = open();
    for (let seq = 1; seq <= 100; seq += 1) {
      readings.seen(conversationId, [seq]);
      clock.pass(5);
      await settle();
    }
    clock.pass(1_000);
    expect(asked[0]).toBe(1);
    expect(asked.at(-1)).toBe(100);
    expect(asked.length).toBeLessThan(7);
    expect(clock.waiting()).toBe(0);
  });

  it('ends where the unbroken stretch of what was seen ends, and counts down to there', () => {
    const { asked, readings, conversation, readSeq } = open();
    readings.seen(conversationId, [...upTo(10), ...upTo(100, 90)]);
    expect([readSeq(), conversation().unread]).toEqual([10, 90]);
    expect(asked).toEqual([10]);
  });

  it('goes on over what was seen before, as soon as what lies between was seen too', () => {
    const { readings, conversation, readSeq } = open();
    readings.seen(conversationId, upTo(100, 51));
    expect([readSeq(), conversation().unread]).toEqual([0, 100]);
    readings.seen(conversationId, upTo(30));
    readings.seen(conversationId, upTo(50, 31));
    expect([readSeq(), conversation().unread]).toEqual([100, 0]);
  });

  it('goes on over one’s own messages and over what was deleted, which nobody has to see', () => {
    const { readings, readSeq } = open([
      said(1),
      said(2, alice),
      said(4, undefined, { message: '', deletedAt: said(5).createdAt }),
      said(6),
      said(7),
    ]);
    readings.seen(conversationId, [1, 6]);
    expect(readSeq()).toBe(6);
  });

  it('is nothing where more lies unseen between it and what was read before', () => {
    const { asked, readings, readSeq } = open(
      upTo(100, 51).map((seq) => said(seq)),
      true,
    );
    readings.seen(conversationId, upTo(100, 51));
    expect(readSeq()).toBe(0);
    expect(asked).toEqual([]);
  });

  it('is all of it for whoever goes to the end, mentions too', () => {
    const { asked, readings, conversation } = open(
      upTo(100, 51).map((seq) => said(seq)),
      true,
    );
    readings.readAll(conversationId);
    expect(asked).toEqual([100]);
    expect(conversation()).toMatchObject({ unread: 0, mentions: 0 });
  });
});

describe('what was read without a connection', () => {
  const reload = () => {
    const { readings, again, ...page } = open();
    readings.seen(conversationId, upTo(40));
    readings.stop();
    page.asked.length = 0;
    page.connection.isThere = true;
    return { ...page, readings: again() };
  };

  it('is told also by a page that was loaded anew: once, when the server describes less', async () => {
    const { describes, asked, readings, readSeq } = reload();
    readings.described(describes(10));
    readings.described(describes(10));
    await settle();
    expect(asked).toEqual([40]);
    // Described before that was heard, and answered after it.
    readings.described(describes(10));
    expect(asked).toEqual([40]);
    expect(readSeq()).toBe(40);
  });

  it('is told when the connection is there, if it is not yet', async () => {
    const { describes, connection, asked, readings } = reload();
    connection.isThere = false;
    readings.described(describes(10));
    await settle();
    connection.isThere = true;
    readings.resume();
    await settle();
    readings.resume();
    expect(asked).toEqual([40, 40]);
  });

  it('does not undo that it was marked as unread meanwhile, and is not told to who knows of more', () => {
    const { describes, asked, readings } = reload();
    readings.described(describes(10, { unreadFromSeq: 5 }));
    readings.described(describes(40));
    readings.described(describes(60));
    expect(asked).toEqual([]);
  });
});
