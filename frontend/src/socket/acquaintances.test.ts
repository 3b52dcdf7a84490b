import type { Person } from '@sori/contract';
import { ApiError } from '../api/ApiError';
import { createAppStore } from '../store/store';
import { settle } from '../testing/clock';
import { alice, bob } from '../testing/people';
import { createAcquaintances } from './acquaintances';

const idOf = (number: number) => number.toString(16).padStart(24, '0');
const someone = (number: number): Person => ({ ...bob, _id: idOf(number), username: `p${number}` });
const ids = (count: number) => Array.from({ length: count }, (_, index) => idOf(index + 1));

const open = () => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  const asked: { ids: readonly string[]; answer: (answer: Person[] | ApiError) => Promise<void> }[] = [];
  const acquaintances = createAcquaintances({
    store,
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
  return { store, asked, acquaintances };
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

  it('are not asked for again where nobody has that id, but where there was no answer', async () => {
    const { asked, acquaintances } = open();
    acquaintances.meet(ids(1));
    await asked[0]?.answer(new ApiError('UNAVAILABLE', 'Away'));
    acquaintances.meet(ids(1));
    expect(asked).toHaveLength(2);
    await asked[1]?.answer([]);
    acquaintances.meet(ids(1));
    expect(asked).toHaveLength(2);
  });
});
