import { anything, type Http, listOf } from '@sori/client';
import { Person, Settings, type Id, type SettingsChange } from '@sori/contract';

const People = listOf(Person);

/** The calls about people, one's own settings included. */
export const peopleCalls = (http: Http) => ({
  people: async (
    query: { search: string; after?: Id | undefined; limit?: number },
    signal?: AbortSignal,
  ): Promise<Person[]> => (await http({ path: '/api/users', query, answer: People, signal })).data,

  /** A hundred at most. Those who do not exist are missing from the answer. */
  peopleByIds: async (ids: readonly Id[], signal?: AbortSignal): Promise<Person[]> =>
    (await http({ path: '/api/users', query: { ids: ids.join() }, answer: People, signal })).data,

  person: async (id: Id, signal?: AbortSignal): Promise<Person> =>
    (await http({ path: `/api/users/${id}`, answer: Person, signal })).data,

  /** On all of this person's devices, at once. */
  block: async (userId: Id): Promise<void> => {
    await http({ method: 'PUT', path: `/api/users/${userId}/block`, body: {}, answer: anything });
  },

  unblock: async (userId: Id): Promise<void> => {
    await http({ method: 'DELETE', path: `/api/users/${userId}/block`, answer: anything });
  },

  blocks: async (signal?: AbortSignal): Promise<Person[]> =>
    (await http({ path: '/api/me/blocks', answer: People, signal })).data,

  changeSettings: async (change: SettingsChange): Promise<Settings> =>
    (await http({ method: 'PATCH', path: '/api/me/settings', body: change, answer: Settings })).data,
});
