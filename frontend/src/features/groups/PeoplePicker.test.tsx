import { alice, bob } from '@sori/client/testing';
import type { Id, Person } from '@sori/contract';
import { act, render, screen } from '@testing-library/react';
import { startTranslations } from '../../i18n';
import type { Client } from '../../session/client';
import { SocketContext } from '../../session/SocketContext';
import { createAppStore } from '../../session/appStore';
import { createFakeClock, settle } from '../../testing/clock';
import { PeoplePicker } from './PeoplePicker';

const people = (count: number): Person[] =>
  Array.from({ length: count }, (_, index) => ({
    ...bob,
    _id: index.toString(16).padStart(24, '0'),
    fullName: `Person ${index}`,
  }));

/** Alice adds people to a group, of which the first `there` of all are members. */
const picks = async ({ all, there }: { all: number; there: number }) => {
  startTranslations('en');
  const store = createAppStore();
  store.getState().signedIn(alice);
  const clock = createFakeClock();
  const everybody = people(all);
  let asked = 0;
  const api = {
    people: ({ after = '', limit }: { after?: Id; limit: number }) => {
      asked += 1;
      return Promise.resolve(everybody.filter(({ _id }) => _id > after).slice(0, limit));
    },
  };
  const watching = { people: () => () => undefined, arrivals: () => () => undefined };
  const client = { store, clock, api, account: () => ({ watching }) } as unknown as Client;
  const without = new Set(everybody.slice(0, there).map(({ _id }) => _id));
  render(
    <SocketContext value={client}>
      <PeoplePicker chosen={[]} onChosen={() => undefined} without={without} />
    </SocketContext>,
  );
  clock.pass(0);
  for (let page = 0; page * 50 <= all; page += 1) await act(settle);
  return { asked };
};

describe('whoever adds people to a group', () => {
  it('finds those who come after pages of people who are in it', async () => {
    const { asked } = await picks({ all: 130, there: 120 });
    expect(screen.getAllByTestId('person-choice')).toHaveLength(10);
    expect(screen.getByText('10 people found')).toBeTruthy();
    expect(asked).toBe(3);
  });

  it('hears that there is nobody else only where there is nobody', async () => {
    const { asked } = await picks({ all: 130, there: 130 });
    expect(screen.getByText('There is nobody else here yet.')).toBeTruthy();
    expect(asked).toBe(3);
  });

  it('hears that more were found where more were, and is shown a page of them', async () => {
    const { asked } = await picks({ all: 130, there: 0 });
    expect(screen.getByText('50+ people found')).toBeTruthy();
    expect(asked).toBe(1);
  });
});
