import { LRUCache } from 'lru-cache';
import type { Model } from 'mongoose';
import type { Audience } from '../../core/audience.js';
import type { ConversationRow } from '../../conversation-log/conversations.model.js';
import type { MemberRow } from './members.model.js';

export interface RoomAudiencesDeps {
  members: Model<MemberRow>;
  /** In all rooms together. */
  rememberedMembers: number;
  /** False while other servers let people in and out unheard: then nothing is believed unseen. Default: true. */
  hearsOthers?: (() => boolean) | undefined;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** This process let somebody into a room, or out of it: the room's change of this number (`membersChanges`). */
export interface RoomChange {
  conversationId: string;
  userId: string;
  isIn: boolean;
  number: number;
}

interface Known {
  audience: Audience;
  /** Every change up to this one is in it. */
  changes: number;
  /** When there was seen to be none beyond. */
  seenAt: number;
}

/** While a room and its members are read: what this process changes meanwhile may or may not be among them. */
export interface Reading {
  meanwhile: RoomChange[];
  /** What is read may be wrong: it is to be read again. */
  isVoid: boolean;
}

/** Others let people in and out as well: for so long, what is known here of who is in a room may be old. */
const trustedForMs = 500;
/** A server that died between a change and its number leaves one that no number tells of. It is found after so long. */
const keptForMs = 60_000;
/** Between two batches of rows, what others do has its turn. */
const decodedAtOnce = 250;

/**
 * Who is in which room, remembered up to the change of a number. Where that is the last one, asking again costs the room's row
 * alone; and what this process changes itself, it knows without asking. So nobody comes into a room of thousands by a read of
 * thousands, and what is emitted after somebody went does not reach them, whatever was being read at that moment.
 */
export function createRoomAudiences({
  members,
  rememberedMembers,
  hearsOthers = () => true,
  now,
}: RoomAudiencesDeps) {
  const known = new LRUCache<string, Known>({
    max: 50_000,
    maxSize: rememberedMembers,
    sizeCalculation: ({ audience }) => 1 + audience.participants.length,
    ttl: keptForMs,
    noUpdateTTL: true,
  });
  const readings = new Map<string, Set<Reading>>();

  function remember(
    conversationId: string,
    participants: readonly string[],
    changes: number,
    seenAt: number,
  ) {
    const audience: Audience = { conversationId, kind: 'room', participants, membersVersion: 0 };
    known.set(conversationId, { audience, changes, seenAt });
    return audience;
  }

  async function participantsOf({ _id }: ConversationRow): Promise<string[]> {
    const rows = await members
      .find({ conversationId: _id, leftSeq: 0 }, { userId: 1, _id: 0 })
      .sort({ joinSeq: 1, joinedAt: 1, userId: 1 })
      .batchSize(decodedAtOnce)
      .lean();
    return rows.map(({ userId }) => userId.toHexString());
  }

  return {
    /** Those who were in it less than half a second ago; undefined where that has to be read. */
    known(conversationId: string): Audience | undefined {
      const found = known.get(conversationId);
      return found && hearsOthers() && now() - found.seenAt < trustedForMs ? found.audience : undefined;
    },

    /** Reads the row of what may be a room, and then its members; again where a change meanwhile makes that necessary. */
    async whileReading<Result>(
      conversationId: string,
      read: (reading: Reading) => Promise<Result>,
    ): Promise<Result> {
      for (;;) {
        const reading: Reading = { meanwhile: [], isVoid: false };
        const others = readings.get(conversationId) ?? new Set();
        readings.set(conversationId, others.add(reading));
        try {
          const result = await read(reading);
          if (!reading.isVoid) return result;
        } finally {
          others.delete(reading);
          if (others.size === 0) readings.delete(conversationId);
        }
      }
    },

    /** The row was read before its members, who are therefore at least as new as its number. */
    async audienceAt(row: ConversationRow, reading: Reading, readAt: number): Promise<Audience> {
      const conversationId = row._id.toHexString();
      let { membersChanges: changes = 0 } = row;
      const before = known.get(conversationId);
      if (before && before.changes >= changes) {
        before.seenAt = Math.max(before.seenAt, readAt);
        return before.audience;
      }
      let participants: readonly string[] = await participantsOf(row);
      for (const change of reading.meanwhile) {
        if (change.number <= changes) continue;
        participants = after(change, participants);
        // Behind one of another server's it is not known to be all: then whoever asks next reads them again.
        if (change.number === changes + 1) changes += 1;
      }
      const newer = known.get(conversationId);
      if (newer && newer.changes >= changes) return newer.audience;
      if (reading.isVoid) return { conversationId, kind: 'room', participants, membersVersion: 0 };
      return remember(conversationId, participants, changes, readAt);
    },

    /** To be called in the order of the numbers. */
    changed(change: RoomChange): void {
      const { conversationId, number } = change;
      for (const { meanwhile } of readings.get(conversationId) ?? []) meanwhile.push(change);
      const before = known.get(conversationId);
      if (!before || before.changes >= number) return;
      if (before.changes === number - 1)
        remember(conversationId, after(change, before.audience.participants), number, now());
      else known.delete(conversationId);
    },

    /** What is known of it may be wrong from now on, and so may what is being read. */
    forget(conversationId: string): void {
      known.delete(conversationId);
      for (const reading of readings.get(conversationId) ?? []) reading.isVoid = true;
    },
  };
}

function after({ userId, isIn }: RoomChange, participants: readonly string[]): readonly string[] {
  if (participants.includes(userId) === isIn) return participants;
  return isIn ? [...participants, userId] : participants.filter((id) => id !== userId);
}
