import { alice, bob, conversationId, said } from '../testing/people';
import * as outbox from './outbox';

const item = (clientId: string, lane = conversationId): outbox.Written => ({
  clientId,
  to: lane,
  lane,
  text: clientId,
  queuedAt: '2025-03-09T03:00:00.000Z',
});
const write = (...items: outbox.Written[]) =>
  items.reduce<outbox.Outbox>((all, one) => outbox.written(all, one), []);
const ids = (items: outbox.Outbox) => items.map(({ clientId }) => clientId);
const none: ReadonlySet<string> = new Set();

describe('the outbox', () => {
  it('sends the oldest of each conversation, one at a time', () => {
    const all = write(item('a1'), item('a2'), item('b1', bob._id), item('a3'));
    expect(ids(outbox.nextToSend(all, none))).toEqual(['a1', 'b1']);
    expect(ids(outbox.nextToSend(all, new Set(['a1'])))).toEqual(['b1']);
  });

  it('keeps one order when the conversation comes to be while its first message is on its way', () => {
    const found = outbox.laneFound(write(item('1', bob._id), item('2', bob._id)), bob._id, conversationId);
    const more = outbox.written(found, item('3'));
    expect(outbox.nextToSend(more, new Set(['1']))).toEqual([]);
    expect(ids(outbox.nextToSend(outbox.settled(more, new Set(['1'])), none))).toEqual(['2']);
  });

  it('goes on past what was refused for good', () => {
    const all = outbox.refused(write(item('1'), item('2')), '1', { code: 'TOO_LARGE', message: '' }, 7);
    expect(ids(outbox.nextToSend(all, none))).toEqual(['2']);
    expect(all[0]).toMatchObject({ state: 'failed', afterSeq: 7, text: '1' });
  });

  it('tries what failed once, however often retry is pressed, behind what waits already', () => {
    let all = outbox.refused(write(item('1'), item('2')), '1', { code: 'REFUSED', message: '' }, 0);
    for (let press = 0; press < 5; press += 1) all = outbox.retried(all, '1');
    expect(ids(all)).toEqual(['2', '1']);
    expect(all[1]).toMatchObject({ state: 'waiting', clientId: '1' });
  });

  it('discards only what failed: what is on its way may have arrived', () => {
    const all = outbox.refused(write(item('1'), item('2')), '1', { code: 'REFUSED', message: '' }, 0);
    expect(ids(outbox.discarded(outbox.discarded(all, '1'), '2'))).toEqual(['2']);
  });

  it('takes what storage held in front of what was written since, and nothing twice', () => {
    const before = write(item('old 1'), item('old 2'));
    const now = write(item('new'));
    const all = outbox.told(now, before);
    expect(all).toHaveLength(3);
    expect(outbox.told(all, before)).toHaveLength(3);
  });

  it('does not go back to waiting what the server has', () => {
    const mine = write(item('1'));
    const stored = outbox.stored(mine, '1', said(1, alice));
    expect(outbox.told(stored, mine)[0]?.state).toBe('stored');
  });
});
