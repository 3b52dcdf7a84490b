import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { alice, between, conversationId } from '@sori/client/testing';
import type { Client } from '../../session/client';
import { SocketContext } from '../../session/SocketContext';
import { createAppStore } from '../../session/appStore';
import { createFakeClock } from '../../testing/clock';
import { useReading } from './useReading';

/** Alice looks at a conversation in which they have read everything. */
const looking = () => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  store.getState().attentionChanged(true);
  const holds = (unread: number) =>
    act(() => store.getState().conversationsReceived([between({ unread, headSeq: 400_000 })]));
  holds(0);
  const clock = createFakeClock();
  const read: number[] = [];
  const readings = { seen: (_id: string, seqs: readonly number[]) => read.push(...seqs) };
  const client = { store, clock, account: () => ({ readings }) } as unknown as Client;
  const wrapper = ({ children }: { children: ReactNode }) => (
    <SocketContext value={client}>{children}</SocketContext>
  );
  const reading = renderHook(() => useReading({ conversationId }), { wrapper }).result;
  return {
    holds,
    shows: (...seqs: number[]) => reading.current.onScreen(seqs, true),
    afterAWhile: () => {
      clock.pass(5_000);
      return read.toSorted((one, other) => one - other);
    },
  };
};

describe('somebody who stays at the end of what they have read', () => {
  it('reads what comes faster than it can be looked at', () => {
    const { holds, shows, afterAWhile } = looking();
    shows(4, 5);
    holds(4);
    shows(8, 9);
    expect(afterAWhile()).toEqual([6, 7, 8, 9]);
  });

  it('reads no more than what came while they saw nothing of the log yet', () => {
    const { holds, shows, afterAWhile } = looking();
    shows();
    holds(1);
    shows(400_000);
    expect(afterAWhile()).toEqual([400_000]);
  });

  it('does not read along without bounds', () => {
    const { holds, shows, afterAWhile } = looking();
    shows(5);
    holds(1);
    shows(400_000);
    expect(afterAWhile().length).toBeLessThan(2_000);
  });
});
