import { createAppStore } from '../session/appStore';
import { createFakeClock } from '../testing/clock';
import { alice, between } from '@sori/client/testing';
import { createTurns } from './turns';

const open = () => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  const clock = createFakeClock();
  const turns = createTurns({ store, clock });
  const called: string[] = [];
  const takes = (...ids: string[]) => {
    for (const id of ids) turns.take(id, () => called.push(id));
  };
  const isUsable = () => {
    store.getState().connectionChanged('online');
    store.getState().listPageCame([], null);
  };
  return { store, clock, turns, called, takes, isUsable };
};

describe('logs that are behind when a person comes back', () => {
  it('wait until the page can be used, and a little longer, and then come one by one', () => {
    const { clock, called, takes, isUsable } = open();
    takes('a', 'b', 'c');
    clock.pass(5_000);
    isUsable();
    clock.pass(1_900);
    expect(called).toEqual([]);
    clock.pass(100);
    expect(called).toEqual(['a']);
    clock.pass(250);
    expect(called).toEqual(['a', 'b']);
    clock.pass(250);
    expect(called).toEqual(['a', 'b', 'c']);
  });

  it('come at once where somebody looks at them, or opens them', () => {
    const { store, turns, called, takes } = open();
    store.getState().conversationOpened('a');
    takes('a', 'b', 'c');
    expect(called).toEqual(['a']);
    turns.hurry('c');
    turns.hurry('c');
    expect(called).toEqual(['a', 'c']);
  });

  it('wait for the messages of what is open', () => {
    const { store, clock, called, takes, isUsable } = open();
    const { _id } = between();
    store.getState().conversationOpened(_id);
    takes('b');
    isUsable();
    clock.pass(3_000);
    expect(called).toEqual([]);
    store.getState().pageCame(_id, 'replace', { messages: [], hasOlder: false, hasNewer: false });
    clock.pass(2_000);
    expect(called).toEqual(['b']);
  });

  it('do not wait for ever for what does not come', () => {
    const { clock, turns, called, takes } = open();
    takes('b');
    turns.connected();
    turns.connected();
    clock.pass(10_000);
    clock.pass(2_000);
    expect(called).toEqual(['b']);
  });

  it('come at once when all of them came: on a new connection nothing is held back', () => {
    const { clock, called, takes, isUsable } = open();
    takes('a');
    isUsable();
    clock.pass(2_000);
    clock.pass(250);
    takes('b', 'c');
    expect(called).toEqual(['a', 'b', 'c']);
    expect(clock.waiting()).toBe(0);
  });
});
