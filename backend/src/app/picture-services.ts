import { toAppError } from '../core/errors.js';
import { createPictureService } from '../features/pictures/picture.service.js';
import { createPictures } from '../media/pictures.js';
import { channels } from '../servers/publications.js';
import type { Base } from './base.js';
import type { ConversationServices } from './conversation-services.js';
import type { PeopleServices } from './people-services.js';

/** Pictures of people and groups, and who is notified of another one. */
export function createPictureServices(
  { store, limits, relay: { emitHere, link }, clock, report }: Base,
  { people }: Pick<PeopleServices, 'people'>,
  {
    conversationLog,
    conversations,
    groups,
    presence,
  }: Pick<ConversationServices, 'conversationLog' | 'conversations' | 'groups' | 'presence'>,
) {
  const failed = (error: unknown): void => void toAppError(error, report);

  /** To those who are connected here and know this person, and to themselves: each server notifies its own. */
  async function emitChanged(userId: string): Promise<void> {
    const [person, circle] = await Promise.all([people.get(userId), conversations.circleOf(userId)]);
    emitHere.toPeople([...presence.here(circle), userId], 'user:changed', person);
  }
  link.on('personChanged', ({ userId }) => {
    people.changed(userId);
    emitChanged(userId).catch(failed);
  });
  const pictures = createPictureService({
    connection: store.connection,
    pictures: createPictures(),
    setOfPerson: (userId, picture) => people.setPicture(userId, picture),
    personChanged({ _id: userId }) {
      emitChanged(userId).catch(failed);
      link.publish(channels.servers, 'personChanged', { userId });
    },
    groups,
    async isOf({ kind, id }, name) {
      if (kind === 'person') return (await people.pictureOf(id)) === name;
      return (await conversationLog.conversations.exists({ _id: id, picture: name })) !== null;
    },
    countChange: (userId) => limits.sendsPerUser.take(userId),
    clock,
    report: failed,
  });
  return { pictures };
}
