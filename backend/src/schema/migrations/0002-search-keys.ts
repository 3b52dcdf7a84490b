import type { Store } from '../../database/connect.js';
import {
  fillSearchKeys,
  hasOldSearchKeys,
  type SearchKeysRow,
} from '../../features/people/fill-search-keys.js';
import type { Migration } from '../migration.js';

const usersOf = ({ upkeep }: Store) => upkeep.collection<SearchKeysRow>('users');

/** Makes the keys that people are found by, of whoever has none or those of older rules. Until then search does not find them. */
export const searchKeys: Migration = {
  number: 2,
  name: 'search keys of people',
  meanwhile: true,
  isLeft: (store) => hasOldSearchKeys(usersOf(store)),
  run: ({ store, changed }) => fillSearchKeys(usersOf(store), changed),
};
