import { type Connection, type Model, Schema, Types } from 'mongoose';
import { isDuplicateKey } from '../../database/duplicate-key.js';
import { makeIndexes } from '../../database/upkeep.js';

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
  /** Renewed by the server that has their sockets: what is old was left behind by one that was killed. */
  seenAt: Date;
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
  by: Types.ObjectId;
  at: Date;
  expiresAt?: Date;
}

const claimIndex = 'conversationId_1_claim_1';
const { ObjectId } = Schema.Types;

export interface RoomRows {
  visitors: Model<VisitorRow>;
  guests: Model<GuestRow>;
  bans: Model<BanRow>;
  prepare(): Promise<void>;
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
      seenAt: required(Date),
    },
    { collection: 'visitors', ...plain },
  );
  visitor.index({ conversationId: 1, userId: 1 }, { unique: true });
  visitor.index(
    { conversationId: 1, claim: 1 },
    { unique: true, name: claimIndex, partialFilterExpression: { claim: { $type: 'string' } } },
  );
  visitor.index({ conversationId: 1, here: 1, hereSince: 1, _id: 1 });
  visitor.index({ conversationId: 1, nameKey: 1 });
  visitor.index({ userId: 1 });
  visitor.index({ here: 1, seenAt: 1 });

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
  guest.index({ tokenHash: 1 });
  guest.index({ expiresAt: 1 });
  guest.index({ conversationId: 1, address: 1 });

  const ban = new Schema<BanRow>(
    {
      conversationId: required(ObjectId),
      userId: ObjectId,
      address: String,
      by: required(ObjectId),
      at: required(Date),
      expiresAt: Date,
    },
    { collection: 'bans', ...plain },
  );
  ban.index({ conversationId: 1, userId: 1 });
  ban.index({ conversationId: 1, address: 1 });
  ban.index({ expiresAt: 1 });

  const visitors = connection.model<VisitorRow>('Visitor', visitor);
  const guests = connection.model<GuestRow>('Guest', guest);
  const bans = connection.model<BanRow>('Ban', ban);
  return {
    visitors,
    guests,
    bans,
    async prepare() {
      await Promise.all([makeIndexes(visitors), makeIndexes(guests), makeIndexes(bans)]);
    },
  };
}

/** Two wanted one name at once: the other one has it. */
export const isNameTaken = (error: unknown): boolean =>
  error instanceof Error && isDuplicateKey(error) && error.message.includes(claimIndex);
