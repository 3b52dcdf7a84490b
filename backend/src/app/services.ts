import { versions } from '@sori/contract';
import { kindsRead } from '../conversation-log/kinds.js';
import { logIndexBuilds } from '../database/upkeep.js';
import { filesOn } from '../features/files/file.model.js';
import { createRemovalMarks } from '../features/files/removal-marks.js';
import type { Passwords } from '../features/accounts/passwords.js';
import { membersOn } from '../features/members/members.model.js';
import { prepareSchema } from '../schema/prepare.js';
import { isAlone } from '../config.js';
import { createRegistry, onlyServer, type Registry } from '../servers/registry.js';
import type { Base } from './base.js';
import { createConversationServices } from './conversation-services.js';
import { createFileDoorServices, createFileServices } from './file-services.js';
import { createPeopleServices } from './people-services.js';
import { createPictureServices } from './picture-services.js';
import { createMessageServices, createRoomServices } from './room-services.js';

export type Services = Awaited<ReturnType<typeof createServices>>;

/**
 * Makes each service once and hands it what it needs: the map of who needs whom. Features do not import each other, so
 * what one wants of another is a function that is passed here.
 */
export async function createServices(base: Base, passwords: Passwords | undefined) {
  const { store, log, clock } = base;
  const members = membersOn(store.connection);
  const stopLogging = logIndexBuilds(store.reads, log);
  const forPeople = createPeopleServices(base, {
    passwords,
    readBeside: (userId, otherId) => forConversations.conversations.readBeside(userId, otherId),
  });
  const schema = await prepareSchema({ store, log });
  // Not before: a program that is too old for the data has ended by then.
  const servers = await createServers(base);
  await forPeople.accounts.prepare();
  const removalMarks = createRemovalMarks({ ...filesOn(store.connection), clock });
  const forConversations = await createConversationServices(base, forPeople, {
    members,
    servers,
    expectFilesGone: (fileIds) => removalMarks.expectGone(fileIds),
  });
  const forRooms = await createRoomServices(base, forPeople, forConversations);
  const forFiles = createFileServices(base, forConversations);
  const forMessages = createMessageServices(base, forPeople, forConversations, {
    ...forRooms,
    ...forFiles,
    removalMarks,
  });
  const fileDoors = await createFileDoorServices(base, forPeople, forFiles, forRooms, forMessages);
  const forPictures = createPictureServices(base, forPeople, forConversations);
  stopLogging();
  return {
    schema,
    servers,
    ...forPeople,
    ...forConversations,
    ...forRooms,
    ...forFiles,
    ...forPictures,
    ...forMessages,
    fileDoors,
  };
}

function createServers({ config, store, log, clock, report }: Base): Promise<Registry> {
  if (isAlone(config)) return Promise.resolve(onlyServer);
  return createRegistry({
    store,
    serverId: config.serverId,
    build: versions.build,
    kinds: kindsRead,
    log,
    clock,
    report,
  });
}
