import { type Audience, isIn } from '../../core/audience.js';
import { notFound } from '../../core/errors.js';
import type { Rights } from '../../conversation-log/append.js';

export interface AppendRightsDeps {
  /** As the database has it now. */
  load: (conversationId: string, membersVersion: number) => Promise<Audience | null>;
  /** After this change of its members. */
  audienceOf: (conversationId: string, membersVersion: number) => Audience | Promise<Audience | null>;
}

/**
 * The right of a person to append, as it was checked against an audience and is checked again where the log goes on to
 * another. Nobody leaves a direct conversation; who comes and goes in a room is not in its log, but its end is.
 */
export function createAppendRights({ load, audienceOf }: AppendRightsDeps) {
  const isStillIn = (audience: Audience | null, userId: string): Audience => {
    if (!audience || !isIn(audience, userId)) throw notFound();
    return audience;
  };

  /** @param require throws what a member is answered who may not do this */
  return function rightsOf(
    { kind, conversationId, membersVersion }: Audience,
    userId: string,
    require: (audience: Audience) => void | Promise<void> = () => undefined,
  ): Rights {
    switch (kind) {
      case 'direct':
        return { membersVersion: 0, recheck: () => Promise.resolve(Number.MAX_SAFE_INTEGER) };
      case 'room':
        return {
          membersVersion: 0,
          async recheck(newer) {
            // Not what is remembered of it: the room may have been deleted by another server.
            isStillIn(await load(conversationId, 0), userId);
            return newer;
          },
        };
      case 'group':
        return {
          membersVersion,
          async recheck(newer) {
            const then = isStillIn(await audienceOf(conversationId, newer), userId);
            await require(then);
            return then.membersVersion;
          },
        };
    }
  };
}
