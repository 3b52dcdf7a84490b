import { createAccounts } from '../features/accounts/account.service.js';
import type { Passwords } from '../features/accounts/passwords.js';
import { createAdmin } from '../features/admin/admin.service.js';
import { createBlocks, type BlocksDeps } from '../features/blocks/block.service.js';
import { createPeople, toPerson } from '../features/people/people.service.js';
import { searchKeysOf } from '../features/people/search-keys.js';
import { createSettings } from '../features/settings/settings.service.js';
import { channels } from '../servers/publications.js';
import type { Base } from './base.js';

/** What people chose is believed for so long, in milliseconds: others say what changes, while they are heard. */
const settingsMs = 60_000;
const settingsAloneMs = 2_000;

export type PeopleServices = ReturnType<typeof createPeopleServices>;

/** Who there is: accounts and their settings, who may find and block whom, administrators. */
export function createPeopleServices(
  { config, log, store, limits, relay, clock }: Base,
  { passwords, readBeside }: { passwords: Passwords | undefined; readBeside: BlocksDeps['readBeside'] },
) {
  const { connection } = store;
  const { emit } = relay;
  const people = createPeople({ store });
  const accounts = createAccounts({
    store,
    config,
    log,
    emit,
    limits,
    toPerson,
    searchKeysOf,
    passwords,
    now: () => clock.now(),
    // A log may be read by others, the terminal of whoever starts the server is their own.
    showAdminCode: (code) => process.stdout.isTTY && process.stdout.write(`Admin code: ${code}\n`),
  });
  const admin = createAdmin({
    connection,
    people: (ids) => people.find(ids),
    find: (userId) => accounts.adminPerson(userId),
    suspend: (userId) => accounts.suspend(userId),
    unsuspend: (userId) => accounts.unsuspend(userId),
    now: () => clock.now(),
  });
  const blocks = createBlocks({
    connection,
    people: (ids) => people.find(ids),
    personExists: (id) => people.exists(id),
    countChange: (userId) => limits.sendsPerUser.take(userId),
    readBeside,
    emit,
    now: () => clock.now(),
  });
  const settings = createSettings({
    connection,
    trustedForMs: () => (relay.subscriptions && !relay.link.isUp() ? settingsAloneMs : settingsMs),
    changed: (userId) => relay.link.publish(channels.servers, 'settingsChanged', { userId }),
  });
  blocks.onChange((userId, otherId, blocked) =>
    relay.link.publish(channels.servers, 'blockChanged', { userId, otherId, blocked }),
  );
  relay.link.on('sessionEnded', ({ sessionId }) => accounts.sessionEndedElsewhere(sessionId));
  relay.link.on('settingsChanged', ({ userId }) => settings.changedElsewhere(userId));
  accounts.onSignUp((person) => emit.toWatchers('people', 'user:created', person));
  return { people, accounts, admin, blocks, settings };
}
