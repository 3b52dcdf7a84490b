import { createFakeClock } from '../testing/fake-clock.js';
import { createInOneOrder } from './in-one-order.js';
import type { Handler } from './link.js';
import type { Occupancy, Publications } from './publications.js';

/** Two servers, and a Redis that passes on what it is told to, when it is told to. */
function begin() {
  const clock = createFakeClock();
  const published: Publications['occupancy'][] = [];
  const handlers: Handler<'occupancy'>[] = [];
  const redis = { isUp: true };
  const link = {
    isUp: () => redis.isUp,
    publishToAll: (_channel: string, _kind: unknown, body: unknown): void =>
      void published.push(body as Publications['occupancy']),
    on: (_kind: unknown, handler: unknown) => void handlers.push(handler as Handler<'occupancy'>),
  };
  const open = () => {
    const told: string[] = [];
    const heard = ({ joined }: Occupancy): void => void told.push(...joined.map(({ name }) => name));
    const { say, found } = createInOneOrder({ link, clock, heard });
    const comes = (name: string): Occupancy => ({
      conversationId: 'lobby',
      joined: [{ _id: name, name, guest: true }],
      renamed: [],
      left: [],
    });
    return {
      told,
      come: (name: string): void => say(comes(name)),
      findComing: (name: string): void => found(comes(name)),
    };
  };
  /** Redis passes this one on, to all. */
  const pass = (at: number): void => {
    const body = published[at];
    if (body) for (const handler of handlers) handler(body, 'o:lobby');
  };
  return { clock, redis, pass, first: open(), second: open() };
}

describe('who comes to the lobby by several servers', () => {
  it('is told on all of them in the order in which Redis passes it on', () => {
    const { pass, first, second } = begin();
    first.come('a');
    second.come('b');
    expect([first.told, second.told]).toEqual([[], []]);
    pass(1);
    pass(0);
    expect([first.told, second.told]).toEqual([
      ['b', 'a'],
      ['b', 'a'],
    ]);
  });

  it('is told where they are after half a second that Redis did not pass it on, once and in order', () => {
    const { clock, pass, first, second } = begin();
    first.come('lost');
    clock.advance(100);
    first.come('late');
    clock.advance(399);
    expect(first.told).toEqual([]);
    clock.advance(1);
    expect(first.told).toEqual(['lost']);
    pass(1);
    clock.advance(1_000);
    // It was only slow.
    pass(0);
    expect(first.told).toEqual(['lost', 'late']);
    expect(second.told).toEqual(['late', 'lost']);
    expect(clock.waiting()).toBe(0);
  });

  it('is told at once where Redis is away, what was said before first', () => {
    const { clock, redis, first, second } = begin();
    first.come('a');
    redis.isUp = false;
    first.come('b');
    expect(first.told).toEqual(['a', 'b']);
    clock.advance(1_000);
    expect(first.told).toEqual(['a', 'b']);
    expect(second.told).toEqual([]);
  });

  it('is told once, though it was found in the database before it is heard of', () => {
    const { pass, first, second } = begin();
    first.come('a');
    second.findComing('a');
    pass(0);
    expect([first.told, second.told]).toEqual([['a'], ['a']]);
  });
});
