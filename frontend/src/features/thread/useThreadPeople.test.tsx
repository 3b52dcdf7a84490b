import { ApiError } from '@sori/client';
import { alice, between, bob } from '@sori/client/testing';
import type { Id } from '@sori/contract';
import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { createAcquaintances } from '../../account/people/acquaintances';
import type { Client } from '../../session/client';
import { SocketContext } from '../../session/SocketContext';
import { createAppStore } from '../../session/appStore';
import { createFakeClock, settle } from '../../testing/clock';
import type { Thread } from '../message-list/useThread';
import { useThreadPeople } from './useThreadPeople';

const id = (number: number): Id => number.toString(16).padStart(24, '0');
const member = (userId: Id) => ({ userId, role: 'member' as const, readSeq: 0, deliveredSeq: 0 });

test('whoever opens a group learns the names of all whom it tells, also behind a server that is busy', async () => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  store.getState().peopleReceived([alice, bob]);
  const clock = createFakeClock();
  const asked: (readonly Id[])[] = [];
  const peopleByIds = (userIds: readonly Id[]) => {
    asked.push(userIds);
    return asked.length === 1
      ? Promise.reject(new ApiError('BUSY', 'in a moment'))
      : Promise.resolve(userIds.map((_id) => ({ ...bob, _id })));
  };
  const acquaintances = createAcquaintances({ store, clock, api: { peopleByIds } });
  const api = { members: () => Promise.resolve([]) };
  const client = { store, api, account: () => ({ acquaintances }) } as unknown as Client;
  store.getState().connectionChanged('online');
  const strangers = [id(7), id(8)];
  const conversation = between({
    kind: 'group',
    members: [alice._id, bob._id, ...strangers].map(member),
  });
  const thread = { conversation, rows: [{ senderId: id(9) }], notices: [] } as unknown as Thread;
  renderHook(() => useThreadPeople(thread), {
    wrapper: ({ children }: { children: ReactNode }) => (
      <SocketContext value={client}>{children}</SocketContext>
    ),
  });
  await act(settle);
  clock.pass(60_000);
  await act(settle);
  expect(asked.at(-1)).toEqual([...strangers, id(9)]);
  const { people } = store.getState();
  expect([...strangers, id(9)].filter((userId) => people[userId] === undefined)).toEqual([]);
});
