import type { Config } from '../config.js';
import type { StoredEntries } from '../conversation-log/stored-entries.js';
import type { Store } from '../database/connect.js';
import { logIndexBuilds, makeIndexes } from '../database/upkeep.js';
import type { Passwords } from '../features/accounts/passwords.js';
import { formerMemberIndexes, membersOn } from '../features/members/members.model.js';
import type { Limits } from '../limits/limits.js';
import type { Logger } from '../logger.js';
import { createConversationServices } from './conversation-services.js';
import { createPeopleServices } from './people-services.js';
import { createMessageServices, createRoomServices } from './room-services.js';
import type { Transport } from './transport.js';

/** What every service may use. */
export interface Base {
  config: Config;
  log: Logger;
  store: Store;
  limits: Limits;
  storedEntries: StoredEntries;
  transport: Transport;
  /** A bug is written to the log; nobody waits. */
  report: (bug: unknown) => void;
}

export type PeopleServices = ReturnType<typeof createPeopleServices>;
export type ConversationServices = Awaited<ReturnType<typeof createConversationServices>>;
export type Services = Awaited<ReturnType<typeof createServices>>;

/**
 * Makes each service once and hands it what it needs: the map of who needs whom. Features do not import each other, so
 * what one wants of another is a function that is passed here.
 */
export async function createServices(base: Base, passwords: Passwords | undefined) {
  const { store, log } = base;
  const members = membersOn(store.connection);
  const stopLogging = logIndexBuilds(store.reads, log);
  const forPeople = createPeopleServices(base, {
    passwords,
    readBeside: (userId, otherId) => forConversations.conversations.readBeside(userId, otherId),
  });
  await Promise.all([
    forPeople.people.prepare(),
    forPeople.accounts.prepare(),
    makeIndexes(members, formerMemberIndexes),
    forPeople.blocks.prepare(),
    forPeople.admin.prepare(),
  ]);
  const forConversations = await createConversationServices(base, forPeople, {
    members,
    roomCounts: (userIds) => forRooms.rooms.roomCounts(userIds),
  });
  const forRooms = await createRoomServices(base, forPeople, forConversations);
  const forMessages = await createMessageServices(base, forPeople, forConversations, forRooms);
  stopLogging();
  return { ...forPeople, ...forConversations, ...forRooms, ...forMessages };
}
