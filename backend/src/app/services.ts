import { logIndexBuilds } from '../database/upkeep.js';
import type { Passwords } from '../features/accounts/passwords.js';
import { membersOn } from '../features/members/members.model.js';
import { prepareSchema } from '../schema/prepare.js';
import type { Base } from './base.js';
import { createConversationServices } from './conversation-services.js';
import { createPeopleServices } from './people-services.js';
import { createMessageServices, createRoomServices } from './room-services.js';

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
  const schema = await prepareSchema({ store, log });
  await forPeople.accounts.prepare();
  const forConversations = await createConversationServices(base, forPeople, { members });
  const forRooms = await createRoomServices(base, forPeople, forConversations);
  const forMessages = createMessageServices(base, forPeople, forConversations, forRooms);
  stopLogging();
  return { schema, ...forPeople, ...forConversations, ...forRooms, ...forMessages };
}
