import { randomUUID } from 'node:crypto';
import type { ChangeRoom } from '@sori/contract';
import type { Caller } from '../../core/caller.js';
import { notFound } from '../../core/errors.js';
import { notDeleted } from '../../conversation-log/conversations.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { RoomRow } from './room-rows.js';
import type { RequireRuler } from './room-rights.js';
import type { RoomSends } from './room-sends.js';

export interface RoomRulesDeps {
  log: Pick<ConversationLog, 'conversations' | 'append'>;
  requireRuler: RequireRuler;
  roomSends: Pick<RoomSends, 'slowModeChanged'>;
  /** What is no entry was changed: everybody who is in the room is to see it. */
  changed: (row: RoomRow) => Promise<void>;
  report: (error: unknown) => void;
}

const rules = ['language', 'slowModeSeconds', 'retentionHours', 'guestFiles'] as const;

/** A room's rules and its name, once it is there. Its link stays what it is. */
export function createRoomRules({ log, requireRuler, roomSends, changed, report }: RoomRulesDeps) {
  /** As in a group: an entry, from which the name follows everywhere. */
  const rename = ({ userId }: Caller, { _id }: RoomRow, name: string): Promise<unknown> =>
    log.append({
      conversationId: _id.toHexString(),
      senderId: userId,
      clientId: `:title-${randomUUID()}`,
      payloadHash: '',
      payload: { kind: 'title', name },
      bytes: 600,
      // Nothing moves it in a room's log but its end.
      rights: { membersVersion: 0, recheck: () => Promise.reject(notFound()) },
    });

  /** For the owner, and admins. @throws AppError RATE_LIMITED, NOT_FOUND, FORBIDDEN */
  return async function change(
    caller: Caller,
    { slug, name, ...asked }: { slug: string } & ChangeRoom,
  ): Promise<void> {
    const row = await requireRuler(caller, slug);
    const isOther = rules.some((rule) => asked[rule] !== undefined && asked[rule] !== row[rule]);
    if (isOther) {
      const { matchedCount } = await log.conversations.updateOne(
        { _id: row._id, ...notDeleted },
        { $set: asked },
      );
      if (matchedCount === 0) throw notFound();
      await roomSends.slowModeChanged(row._id.toHexString());
    }
    // Whoever receives another name receives the rest with it.
    if (name !== undefined && name !== row.name) await rename(caller, row, name);
    else if (isOther) changed(row).catch(report);
  };
}
