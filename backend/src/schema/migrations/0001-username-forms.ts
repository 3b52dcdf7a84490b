import type { Store } from '../../database/connect.js';
import { fillUsernameForms, type FormRow, hasOldForms } from '../../features/accounts/username-form.js';
import type { Migration } from '../migration.js';

const usersOf = ({ upkeep }: Store) => upkeep.collection<FormRow>('users');

/**
 * Gives a form to everybody who has none, or one by older rules. Not while the server serves: until then somebody could sign
 * up under a name that looks like another one's. The unique index of the form has to be there already.
 */
export const usernameForms: Migration = {
  number: 1,
  name: 'forms of user names',
  meanwhile: false,
  isLeft: (store) => hasOldForms(usersOf(store)),
  run: ({ store, changed }) => fillUsernameForms(usersOf(store), changed),
};
