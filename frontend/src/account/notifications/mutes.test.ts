import { alice, between, conversationId } from '@sori/client/testing';
import { unreadTotal } from './badge';
import { createAppStore } from '../../session/appStore';
import { createFakeClock } from '../../testing/clock';
import { endMutes } from './mutes';

const day = 24 * 3_600_000;

const setUp = (aheadMs = 0) => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  const clock = createFakeClock();
  clock.serverIsAhead(aheadMs);
  const stop = endMutes({ store, clock });
  const muteFor = (ms: number) => {
    const mutedUntil = new Date(clock.server.now() + ms).toISOString();
    store.getState().conversationsReceived([between({ headSeq: 2, unread: 2, mutedUntil })]);
  };
  const mutedUntil = () => store.getState().conversations[conversationId]?.conversation.mutedUntil;
  return { store, clock, stop, muteFor, mutedUntil };
};

describe('the end of a mute', () => {
  it.each([1_000, 90_000, 8 * 3_600_000, 40 * day])('is noticed after %d ms, and not before', (ms) => {
    const { clock, muteFor, mutedUntil, stop } = setUp();
    muteFor(ms);
    clock.pass(ms - 1);
    expect(mutedUntil()).not.toBeNull();
    clock.pass(2);
    expect(mutedUntil()).toBeNull();
    stop();
    expect(clock.waiting()).toBe(0);
  });

  it.each([-5, 5])('comes by the server’s clock on a device that is %d hours off', (hours) => {
    const { clock, muteFor, mutedUntil } = setUp(hours * 3_600_000);
    muteFor(60_000);
    clock.pass(59_000);
    expect(mutedUntil()).not.toBeNull();
    clock.pass(1_001);
    expect(mutedUntil()).toBeNull();
  });

  it('is noticed as soon as the server is heard again after a sleep', () => {
    const { clock, muteFor, mutedUntil } = setUp();
    muteFor(3_600_000);
    clock.serverIsAhead(3_600_001);
    expect(mutedUntil()).toBeNull();
  });

  it('is waited for once, whatever ends before it, and by nobody any more who was stopped', () => {
    const { store, clock, muteFor, stop } = setUp();
    const other = between({ _id: 'd'.repeat(24), kind: 'group' });
    const mutedUntil = new Date(clock.server.now() + 1_000).toISOString();
    store.getState().conversationsReceived([{ ...other, mutedUntil }]);
    muteFor(3_000);
    clock.pass(1_001);
    expect(store.getState().conversations[other._id]?.conversation.mutedUntil).toBeNull();
    expect(clock.waiting()).toBe(1);
    stop();
    expect(clock.waiting()).toBe(0);
  });

  it('tells nobody of a change where none has ended', () => {
    const { store, clock, muteFor } = setUp();
    muteFor(60_000);
    const changed = jest.fn();
    store.subscribe(changed);
    store.getState().mutesEnded(clock.server.now());
    expect(changed).not.toHaveBeenCalled();
  });

  it('brings what is unread back into the count', () => {
    const { store, clock, muteFor } = setUp();
    muteFor(1_000);
    const total = () => unreadTotal(store.getState().conversations, clock.server.now());
    expect(total().unread).toBe(0);
    clock.pass(1_001);
    expect(total().unread).toBe(2);
  });
});
