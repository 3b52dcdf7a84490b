import { type Connection, type Model, Schema, Types } from 'mongoose';
import { isDuplicateKey } from '../../database/duplicate-key.js';

/** The rows of open rooms besides the conversation itself: who is in one, guests' sessions, and who may not come in. */

/** Somebody in a room: an account until it leaves, others while they are here. */
export interface VisitorRow {
  conversationId: Types.ObjectId;
  userId: Types.ObjectId;
  /** Without an account. */
  guest: boolean;
  name: string;
  /** `lookAlikeKey` of the name. */
  nameKey: string;
  /** The same while a guest is here: two cannot have it at once, however many servers they came in by. */
  claim?: string;
  here: boolean;
  hereSince: Date;
  /** The servers (SERVER_ID) that have sockets of theirs, or were asked for something a moment ago: none is left where they go. */
  servers?: string[];
  /** Renewed by those: what is old was left behind by one that was killed. */
  seenAt: Date;
  /** Of a plain client, which has no session that could keep it: as `addressOf` says. */
  address?: string;
  /** When they last wrote here in a slow mode, and under which clientId. */
  wroteAt?: Date;
  wroteAs?: string;
}

/** A guest's session; the guest's id is its `_id`. */
export interface GuestRow {
  _id: Types.ObjectId;
  conversationId: Types.ObjectId;
  /** SHA-256 of what the cookie holds: who reads the database cannot be the guest. */
  tokenHash: string;
  name: string;
  /** As `addressOf` says; what a ban by address goes by. */
  address: string;
  createdAt: Date;
  expiresAt: Date;
}

export interface BanRow {
  conversationId: Types.ObjectId;
  /** One of the two. An address keeps out those who come without an account and without a session from before. */
  userId?: Types.ObjectId;
  address?: string;
  /** Of an address: a banned account was there, and whoever was there without one had to go as well. */
  clears?: boolean;
  by: Types.ObjectId;
  at: Date;
  expiresAt?: Date;
}

/** Decides who has a name. */
export const claimIndex = 'conversationId_1_claim_1';
const { ObjectId } = Schema.Types;

export interface RoomRows {
  visitors: Model<VisitorRow>;
  guests: Model<GuestRow>;
  bans: Model<BanRow>;
}

export function roomRowsOn(connection: Connection): RoomRows {
  const plain = { versionKey: false, autoIndex: false, autoCreate: false } as const;
  const required = <Type>(type: Type) => ({ type, required: true as const });
  const visitor = new Schema<VisitorRow>(
    {
      conversationId: required(ObjectId),
      userId: required(ObjectId),
      guest: required(Boolean),
      name: required(String),
      nameKey: required(String),
      claim: String,
      here: required(Boolean),
      hereSince: required(Date),
      // Without a default: what adds to it must be all that an upsert says of it.
      servers: { type: [String], default: undefined },
      seenAt: required(Date),
      address: String,
      wroteAt: Date,
      wroteAs: String,
    },
    { collection: 'visitors', ...plain },
  );

  const guest = new Schema<GuestRow>(
    {
      conversationId: required(ObjectId),
      tokenHash: required(String),
      name: required(String),
      address: required(String),
      createdAt: required(Date),
      expiresAt: required(Date),
    },
    { collection: 'guests', ...plain },
  );

  const ban = new Schema<BanRow>(
    {
      conversationId: required(ObjectId),
      userId: ObjectId,
      address: String,
      clears: Boolean,
      by: required(ObjectId),
      at: required(Date),
      expiresAt: Date,
    },
    { collection: 'bans', ...plain },
  );

  const visitors = connection.model<VisitorRow>('Visitor', visitor);
  const guests = connection.model<GuestRow>('Guest', guest);
  const bans = connection.model<BanRow>('Ban', ban);
  return {
    visitors,
    guests,
    bans,
  };
}

/** Two wanted one name at once: the other one has it. */
export const isNameTaken = (error: unknown): boolean =>
  error instanceof Error && isDuplicateKey(error) && error.message.includes(claimIndex);
