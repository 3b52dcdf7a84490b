import { alice, bob, conversationId, said } from './testing/people.js';
import * as outbox from './outbox.js';

const item = (clientId: string, lane = conversationId): outbox.Written => ({
  clientId,
  to: lane,
  lane,
  text: clientId,
  queuedAt: '2025-03-09T03:00:00.000Z',
});
const write = (...items: outbox.Written[]) =>
  items.reduce<outbox.Outbox>((all, one) => outbox.written(all, one), outbox.emptyOutbox);
const ids = (items: readonly outbox.OutboxItem[]) => items.map(({ clientId }) => clientId);
const allIds = (all: outbox.Outbox) => ids(outbox.itemsOf(all));
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
    expect(outbox.itemOf(all, '1')).toMatchObject({ state: 'failed', afterSeq: 7, text: '1' });
  });

  it('keeps what was not sent when its conversation is taken away, as failed, and sends none of it', () => {
    const all = outbox.stored(write(item('1'), item('2'), item('b', bob._id)), '1', said(1, alice));
    const cut = outbox.cutOff(all, conversationId, 'Us', { code: 'NOT_FOUND', message: '' });
    expect(ids(outbox.nextToSend(cut, none))).toEqual(['b']);
    expect(allIds(cut)).toEqual(['2', 'b']);
    expect(outbox.itemOf(cut, '2')).toMatchObject({ state: 'failed', from: 'Us', text: '2' });
    // Taken in again, they try it as ever.
    expect(outbox.itemOf(outbox.retried(cut, '2'), '2')).toMatchObject({ state: 'waiting', from: undefined });
  });

  it('tries what failed once, however often retry is pressed, behind what waits already', () => {
    let all = outbox.refused(write(item('1'), item('2')), '1', { code: 'REFUSED', message: '' }, 0);
    for (let press = 0; press < 5; press += 1) all = outbox.retried(all, '1');
    expect(allIds(all)).toEqual(['2', '1']);
    expect(outbox.itemOf(all, '1')).toMatchObject({ state: 'waiting', clientId: '1' });
  });

  it('discards only what failed: what is on its way may have arrived', () => {
    const all = outbox.refused(write(item('1'), item('2')), '1', { code: 'REFUSED', message: '' }, 0);
    expect(allIds(outbox.discarded(outbox.discarded(all, '1'), '2'))).toEqual(['2']);
  });

  it('takes what storage held in front of what was written since, and nothing twice', () => {
    const before = write(item('old 1'), item('old 2'));
    const now = write(item('new'));
    const all = outbox.loaded(now, outbox.itemsOf(before));
    expect(allIds(all)).toEqual(['old 1', 'old 2', 'new']);
    expect(allIds(outbox.received(all, outbox.itemsOf(before)))).toEqual(['old 1', 'old 2', 'new']);
  });

  it('does not go back to waiting what the server has', () => {
    const mine = write(item('1'));
    const stored = outbox.stored(mine, '1', said(1, alice));
    expect(outbox.itemOf(outbox.received(stored, outbox.itemsOf(mine)), '1')?.state).toBe('stored');
  });

  it('moves a message whose conversation another tab has found, and shows it once', () => {
    const here = write(item('1', bob._id), item('2', bob._id));
    const there = outbox.laneFound(here, bob._id, conversationId);
    const all = outbox.received(here, outbox.itemsOf(there));
    expect(allIds(all)).toEqual(['1', '2']);
    expect(Object.keys(all)).toEqual([conversationId]);
  });

  it('says of ten thousand what became different, and only that', () => {
    const many: outbox.Outbox = {
      [conversationId]: Array.from({ length: 10_000 }, (_, index) => ({
        ...item(`${index}`),
        order: index + 1,
        state: 'waiting' as const,
      })),
    };
    const sent = outbox.settled(many, new Set(['0']));
    expect(outbox.difference(many, sent)).toMatchObject({ put: [], gone: [{ clientId: '0' }] });
    const more = outbox.written(sent, item('new'));
    expect(outbox.difference(sent, more)).toMatchObject({
      put: [{ clientId: 'new', order: 10_001 }],
      gone: [],
    });
    const failed = outbox.refused(more, '5', { code: 'TOO_LARGE', message: '' }, 0);
    expect(outbox.difference(more, failed)).toMatchObject({ put: [{ clientId: '5' }], gone: [] });
    const moved = outbox.difference(failed, outbox.laneFound(failed, conversationId, bob._id));
    expect([moved.put.length, moved.gone.length]).toEqual([10_000, 0]);
  });
});
