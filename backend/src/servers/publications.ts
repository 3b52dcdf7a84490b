import type { NoticeName, RoomPerson, SessionEnd } from '@sori/contract';
import { mongo, Types } from 'mongoose';
import type { EntryRow, MessageRow } from '../conversation-log/entries.model.js';
import type { Turn } from '../conversation-log/turns.js';
import type { WatchTopic } from '../realtime/rooms.js';

/**
 * What servers publish to each other, by kind. They are not kept anywhere: who is not listening does not hear of it, and
 * finds it in the database. A kind or a field that a server does not know is from a newer one, and ignored.
 */
export interface Publications {
  /** An entry is in the log for good. */
  stored: {
    entry: EntryRow;
    /** The message that the entry changes, as it is now; absent also where it is large, and is read instead. */
    target?: MessageRow | undefined;
    /** Of a direct conversation: its people. */
    participants?: readonly string[] | undefined;
    /** Where other servers append as well: who is next, with the first of the entries that were appended together. */
    turn?: Turn | undefined;
  };
  /** That process has something to append there, and nobody said that it will be its turn. */
  turnAsked: { conversationId: string; by: string };
  /** For the sockets of these people. Without `to`: of the person of this channel, or of everybody in this conversation. */
  notice: {
    name: NoticeName;
    notice: unknown;
    to?: readonly Types.ObjectId[] | undefined;
    except?: readonly Types.ObjectId[] | undefined;
  };
  /** For those who asked for it (`people:watch`). */
  watched: { topic: WatchTopic; name: NoticeName; notice: unknown };
  /** That server is there, and has published so many changes of who is connected to it. */
  alive: { serverId: string; number: number };
  /** Who came and who went there, the change of this number. */
  presence: {
    serverId: string;
    number: number;
    arrived: readonly DescribedPerson[];
    left: readonly Types.ObjectId[];
  };
  /** That server would like to know who is connected to this one. */
  presenceAsked: { by: string };
  /** Everybody who is connected there, in several parts, as it is after the change of this number. */
  presenceOfAll: {
    serverId: string;
    number: number;
    isFirst: boolean;
    isLast: boolean;
    arrived: readonly DescribedPerson[];
  };
  /** What is no entry was changed in this group or room: its people are to see it. */
  conversationChanged: { conversationId: string };
  /** They chose something for all their devices. */
  settingsChanged: { userId: string };
  /** They look different from now on. */
  personChanged: { userId: string };
  /** One person blocks another, or no longer does. */
  blockChanged: { userId: string; otherId: string; blocked: boolean };
  sessionEnded: { sessionId: string; reason: SessionEnd['reason'] };
  /** Somebody was let into an open room or out of it: by which change of its `membersChanges`. */
  roomMember: { conversationId: string; userId: string; isIn: boolean; number: number };
  /** What is known of who is in this room may be wrong. */
  roomForgotten: { conversationId: string };
  /** Somebody was sent out of a room, or went for good. */
  evicted: { conversationId: string; userId: string };
  /** An account may not come in any more: nor may whoever is at its addresses without one, which other servers know. */
  banned: { conversationId: string; userId: string; by: string };
  /** Nobody without an account may be in this room from these addresses. */
  cleared: { conversationId: string; addresses: readonly string[] };
  /** Who came and went. Each server says it to its plain clients when it hears it, its own as well: in one order. */
  occupancy: { origin: string; number: number; change: Occupancy };
}

/** Who came into a room and who left it, by name. */
export interface Occupancy {
  conversationId: string;
  joined: RoomPerson[];
  renamed: RoomPerson[];
  left: RoomPerson[];
  passed?: RoomPerson[];
}

/** Somebody who is connected to a server, with what decides who is shown that. */
export interface DescribedPerson {
  userId: Types.ObjectId;
  /** With whom they have a direct conversation. */
  people: readonly Types.ObjectId[];
  groups: readonly Types.ObjectId[];
  blocks: readonly Types.ObjectId[];
}

export type Kind = keyof Publications;

/** Where something is published: who subscribes to it hears it. */
export const channels = {
  /** Every server. */
  servers: 'servers',
  /** One of them. */
  server: (serverId: string) => `s:${serverId}`,
  /** Those with a socket of this person's. */
  person: (userId: string) => `p:${userId}`,
  /** Those with a socket of somebody who is in this group or room. A direct one's two people are reached as persons. */
  conversation: (conversationId: string) => `c:${conversationId}`,
  /** Those with a plain client in this room. */
  plain: (conversationId: string) => `o:${conversationId}`,
} as const;

/** Names the process that published, so that nobody decodes their own. */
export const senderBytes = 12;

/** 12 bytes that name the process, and the publication as BSON: rows keep their types. */
export const encode = <K extends Kind>(sender: Buffer, kind: K, body: Publications[K]): Buffer =>
  Buffer.concat([sender, mongo.BSON.serialize({ kind, body }, { ignoreUndefined: true })]);

export const isFrom = (sender: Buffer, published: Buffer): boolean =>
  published.subarray(0, senderBytes).equals(sender);

/** @throws BSONError for what is none of ours */
export const decode = (published: Buffer): { kind: string; body: unknown } =>
  mongo.BSON.deserialize(published.subarray(senderBytes), { promoteBuffers: true }) as {
    kind: string;
    body: unknown;
  };
