import { ApiError } from '@sori/client';
import { alice, bob } from '@sori/client/testing';
import type { Person } from '@sori/contract';
import { createAppStore } from '../../session/appStore';
import { createFakeClock, settle } from '../../testing/clock';
import { createAcquaintances } from './acquaintances';

const idOf = (number: number) => number.toString(16).padStart(24, '0');
const someone = (number: number): Person => ({ ...bob, _id: idOf(number), username: `p${number}` });
const ids = (count: number) => Array.from({ length: count }, (_, index) => idOf(index + 1));

const open = () => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  const clock = createFakeClock();
  const asked: { ids: readonly string[]; answer: (answer: Person[] | ApiError) => Promise<void> }[] = [];
  const acquaintances = createAcquaintances({
    store,
    clock,
    api: {
      peopleByIds: (wanted) =>
        new Promise((done, failed) =>
          asked.push({
            ids: wanted,
            answer: async (answer) => {
              if (answer instanceof ApiError) failed(answer);
              else done(answer);
              await settle();
            },
          }),
        ),
    },
  });
  return { store, clock, asked, acquaintances };
};

describe('people of whom only the id is known', () => {
  it('are asked for a hundred at a time, one question after the other', async () => {
    const { store, asked, acquaintances } = open();
    acquaintances.meet(ids(250));
    expect(asked).toHaveLength(1);
    for (let turn = 0; turn < 3; turn += 1)
      await asked[turn]?.answer((asked[turn]?.ids ?? []).map((id) => someone(parseInt(id, 16))));
    expect(asked.map((question) => question.ids.length)).toEqual([100, 100, 50]);
    for (const id of ids(250)) expect(store.getState().people[id]).toBeDefined();
  });

  it('are asked for together where they are needed while a question is on its way, and once', async () => {
    const { asked, acquaintances } = open();
    for (const id of ids(5)) acquaintances.meet([id, idOf(1), alice._id]);
    await asked[0]?.answer([someone(1)]);
    expect(asked.map((question) => question.ids)).toEqual([[idOf(1)], ids(5).slice(1)]);
  });

  it('are not asked for again where nobody has that id, but by whoever shows them where the question was refused', async () => {
    const { asked, acquaintances, clock } = open();
    acquaintances.meet(ids(1));
    await asked[0]?.answer(new ApiError('FORBIDDEN', 'No'));
    clock.pass(60_000);
    expect(asked).toHaveLength(1);
    acquaintances.meet(ids(1));
    expect(asked).toHaveLength(2);
    await asked[1]?.answer([]);
    acquaintances.meet(ids(1));
    expect(asked).toHaveLength(2);
  });

  it('are asked for again by itself where there was no answer, later each time, with whoever came up meanwhile', async () => {
    const { store, asked, acquaintances, clock } = open();
    acquaintances.meet(ids(1));
    await asked[0]?.answer(new ApiError('UNAVAILABLE', 'Away'));
    acquaintances.meet(ids(2));
    expect(asked).toHaveLength(1);
    clock.pass(1_000);
    expect(asked.map((question) => question.ids)).toEqual([ids(1), ids(2)]);
    await asked[1]?.answer(new ApiError('NO_ANSWER', 'The connection broke'));
    clock.pass(1_000);
    expect(asked).toHaveLength(2);
    clock.pass(1_000);
    expect(asked).toHaveLength(3);
    await asked[2]?.answer([someone(1), someone(2)]);
    expect(store.getState().people[idOf(2)]).toBeDefined();
    expect(clock.waiting()).toBe(0);
  });

  it('are asked for no sooner than the server says, but at once when the connection is back', async () => {
    const { asked, acquaintances, clock } = open();
    acquaintances.meet(ids(1));
    await asked[0]?.answer(new ApiError('RATE_LIMITED', 'Later', { retryAfterMs: 20_000 }));
    clock.pass(19_000);
    expect(asked).toHaveLength(1);
    acquaintances.resume();
    expect(asked).toHaveLength(2);
    acquaintances.stop();
  });
});
