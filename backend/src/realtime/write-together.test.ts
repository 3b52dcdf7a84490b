import { Socket } from 'node:net';
import { jest } from '@jest/globals';
import { alice, bob, type Live, message, startLive } from '../testing/live.js';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('what a socket is sent within one turn of the event loop', () => {
  let live: Live;
  beforeEach(async () => (live = await startLive()));
  afterEach(async () => {
    jest.restoreAllMocks();
    await live.close();
    expect(live.bugs).toEqual([]);
  });

  it('leaves in one write, and arrives whole and in order', async () => {
    const reader = await live.sori(alice);
    await turn();
    const one = jest.spyOn(Socket.prototype, '_write');
    const many = jest.spyOn(Socket.prototype, '_writev' as '_write');
    for (let seq = 1; seq <= 50; seq += 1) live.emit.toPeople([alice], 'newMessage', message(bob, seq));
    await turn();
    await turn();
    expect(one.mock.calls.length + many.mock.calls.length).toBe(1);
    jest.restoreAllMocks();
    await reader.settled();
    expect(reader.all('newMessage')).toEqual(
      Array.from({ length: 50 }, (_, index) => message(bob, index + 1)),
    );
  });

  it('arrives also when the connection is closed right behind it', async () => {
    const token = live.signIn(alice);
    const reader = await live.sori(token);
    live.emit.toPeople([alice], 'newMessage', message(bob, 1));
    live.signOut(token);
    await reader.gone();
    expect(reader.all('newMessage')).toEqual([message(bob, 1)]);
    expect(reader.all('session')).toEqual([{ reason: 'logout' }]);
  });
});
