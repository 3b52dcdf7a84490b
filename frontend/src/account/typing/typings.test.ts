import type { Ask } from '@sori/client';
import { alice, between, bob, conversationId, said, entryOf } from '@sori/client/testing';
import { createAppStore } from '../../session/appStore';
import { createFakeClock } from '../../testing/clock';
import { createTypings } from './typings';

const open = () => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  store.getState().connectionChanged('online');
  store.getState().conversationsReceived([between()]);
  const clock = createFakeClock();
  const asked: unknown[] = [];
  const ask: Ask = (_name, input) => {
    asked.push((input as { typing: boolean }).typing);
    return Promise.reject(new Error('not waited for'));
  };
  const typings = createTypings({ store, ask, clock });
  const notice = { conversationId, userId: bob._id, typing: true };
  const who = () => store.getState().typing[conversationId] ?? [];
  return { store, clock, asked, typings, notice, who };
};

describe('somebody who writes', () => {
  it('is seen until 6 s after they were last heard of', () => {
    const { clock, typings, notice, who } = open();
    typings.received(notice);
    clock.pass(4_000);
    typings.received(notice);
    clock.pass(5_999);
    expect(who()).toEqual([bob._id]);
    clock.pass(1);
    expect(who()).toEqual([]);
  });

  it('is no longer seen in the same step in which their message is', () => {
    const { store, typings, notice, who } = open();
    typings.received(notice);
    const seen: string[] = [];
    store.subscribe(({ conversations }) =>
      seen.push(`${conversations[conversationId]?.conversation.lastMessage?.message ?? '-'} ${who().length}`),
    );
    store.getState().entriesApplied(conversationId, [entryOf(said(1, bob))]);
    expect(seen).toEqual(['said 1 0']);
  });

  it('is not seen after the connection broke: nobody would say that they stopped', () => {
    const { typings, notice, who, clock } = open();
    typings.received(notice);
    typings.forget();
    expect(who()).toEqual([]);
    expect(clock.waiting()).toBe(0);
  });

  it('is not oneself in another tab', () => {
    const { typings, notice, who } = open();
    typings.received({ ...notice, userId: alice._id });
    expect(who()).toEqual([]);
  });
});

describe('writing', () => {
  it('is told at most once per 3 s, and its end only where others believe in it', () => {
    const { typings, clock, asked } = open();
    typings.iStopped(conversationId);
    for (let key = 0; key < 10; key += 1) {
      typings.iAmTyping(conversationId);
      clock.pass(400);
    }
    expect(asked).toEqual([true, true]);
    typings.iStopped(conversationId);
    typings.iStopped(conversationId);
    expect(asked).toEqual([true, true, false]);
  });

  it('is told again as soon as it may be, where there still is something written and no other key is pressed', () => {
    const { typings, clock, asked, store } = open();
    const write = (text: string) => {
      store.getState().draftChanged(conversationId, { text, replyTo: null });
      typings.iAmTyping(conversationId);
    };
    write('first');
    store.getState().draftChanged(conversationId, { text: '', replyTo: null });
    clock.pass(1_000);
    write('second');
    clock.pass(1_999);
    expect(asked).toEqual([true]);
    clock.pass(1);
    expect(asked).toEqual([true, true]);
    // Nobody goes on: a pause is a pause.
    clock.pass(10_000);
    expect(asked).toEqual([true, true]);
  });

  it('is told at once after what was sent before has arrived, and not sooner: that ends it for those who see it', () => {
    const { typings, clock, asked, store } = open();
    const write = (text: string) => {
      store.getState().draftChanged(conversationId, { text, replyTo: null });
      typings.iAmTyping(conversationId);
    };
    const send = (clientId: string) =>
      store.getState().messageWritten({
        clientId,
        to: conversationId,
        lane: conversationId,
        text: 'first',
        queuedAt: new Date(clock.now()).toISOString(),
      });
    write('first');
    clock.pass(400);
    send('a');
    write('s');
    write('se');
    expect(asked).toEqual([true]);
    store.getState().messageStored('a', said(1, alice));
    expect(asked).toEqual([true, true]);
    // Nothing is written behind this one: then nothing is told.
    send('b');
    store.getState().messageStored('b', said(2, alice));
    expect(asked).toEqual([true, true]);
    write('third');
    expect(asked).toEqual([true, true, true]);
    clock.pass(400);
    write('third one');
    expect(asked).toEqual([true, true, true]);
  });

  it('is not told later of what was sent, or taken back, meanwhile', () => {
    const { typings, clock, asked, store } = open();
    typings.iAmTyping(conversationId);
    store.getState().draftChanged(conversationId, { text: 'x', replyTo: null });
    typings.iAmTyping(conversationId);
    store.getState().draftChanged(conversationId, { text: '', replyTo: null });
    clock.pass(3_000);
    expect(asked).toEqual([true]);
    store.getState().draftChanged(conversationId, { text: 'y', replyTo: null });
    typings.iAmTyping(conversationId);
    typings.iAmTyping(conversationId);
    typings.iStopped(conversationId);
    clock.pass(10_000);
    expect(asked).toEqual([true, true, false]);
    expect(clock.waiting()).toBe(0);
  });

  it('is not told by somebody who chose not to, nor without a connection', () => {
    const { typings, store, asked } = open();
    store.getState().settingsReceived({ receipts: true, typing: false, language: null });
    typings.iAmTyping(conversationId);
    store.getState().settingsReceived({ receipts: true, typing: true, language: null });
    store.getState().connectionChanged('offline');
    typings.iAmTyping(conversationId);
    expect(asked).toEqual([]);
  });
});
