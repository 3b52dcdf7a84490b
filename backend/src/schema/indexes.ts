import type { mongo } from 'mongoose';
import { conversationIndexes } from '../conversation-log/conversations.model.js';
import { entryIndexes, isCounted, isMessage, isUndeleted } from '../conversation-log/entries.model.js';
import { blobCollection, blobIndexes } from '../files/gridfs.js';
import { claimIndex } from '../features/rooms/rooms.model.js';

/** An index as it is declared. Another definition needs another name: what is there is known by its name alone. */
export interface DeclaredIndex {
  key: Record<string, 1 | -1>;
  /** Default: as MongoDB makes it of the key. */
  name?: string;
  unique?: true;
  sparse?: true;
  partialFilterExpression?: mongo.BSON.Document;
  /**
   * The server may serve before it is there: it decides nothing (a unique one does), and no query names it as its hint (that
   * query would fail).
   */
  meanwhile?: true;
}

export interface CollectionIndexes {
  indexes: readonly DeclaredIndex[];
  /**
   * Names of those of earlier releases, which every write would go on paying for: dropped once the others are there. Only
   * what the release before this one does not need any more: its servers may still run.
   */
  former?: readonly string[];
}

const exists = (field: string) => ({ partialFilterExpression: { [field]: { $exists: true } } });
const meanwhile = { meanwhile: true } as const;

/** Every collection of the database with all its indexes, but the one of `_id`. */
export const collections: Readonly<Record<string, CollectionIndexes>> = {
  // The log and its projections.
  entries: {
    indexes: [
      { key: { conversationId: 1, seq: 1 }, name: entryIndexes.seq, unique: true },
      {
        key: { conversationId: 1, senderId: 1, clientId: 1 },
        name: entryIndexes.clientId,
        unique: true,
        partialFilterExpression: { clientId: { $type: 'string' } },
      },
      {
        key: { conversationId: 1, hiddenFor: 1, seq: 1 },
        name: entryIndexes.messages,
        partialFilterExpression: isMessage,
      },
      {
        key: { conversationId: 1, hiddenFor: 1, seq: 1 },
        name: entryIndexes.undeleted,
        partialFilterExpression: isUndeleted,
      },
      {
        key: { conversationId: 1, senderId: 1, seq: 1 },
        name: entryIndexes.unread,
        partialFilterExpression: isCounted,
      },
      {
        key: { conversationId: 1, mentions: 1, senderId: 1, seq: 1 },
        name: entryIndexes.mentions,
        partialFilterExpression: { ...isCounted, mentions: { $type: 'objectId' } },
      },
      // What was sent besides words, by kind, and addresses; most messages have neither and are not in these.
      { key: { conversationId: 1, shared: 1, seq: 1 }, ...exists('shared'), ...meanwhile },
      {
        key: { conversationId: 1, hasLink: 1, seq: 1 },
        partialFilterExpression: { hasLink: true },
        ...meanwhile,
      },
      // A deletion wipes the text of the edits before it.
      {
        key: { conversationId: 1, targetSeq: 1 },
        partialFilterExpression: { kind: 'edit' },
        ...meanwhile,
      },
    ],
  },
  conversations: {
    indexes: [
      {
        key: { participants: 1, lastActivityAt: -1, _id: -1 },
        name: conversationIndexes.directs,
        partialFilterExpression: { kind: 'direct' },
      },
      // Few: a list puts these in their place by itself.
      { key: { 'shown.userId': 1 }, ...exists('shown.userId') },
      // What a crash left behind is looked for among the newest.
      { key: { headAt: 1, _id: 1 } },
      // Retention looks at these alone.
      { key: { retentionHours: 1 }, ...exists('retentionHours') },
      { key: { sweepAt: 1 }, ...exists('sweepAt'), ...meanwhile },
    ],
    former: ['lastActivityAt_-1', 'participants_1_lastActivityAt_-1__id_-1', 'rooms'],
  },
  members: {
    indexes: [
      // Whoever is made a member twice at once must end as one row.
      { key: { conversationId: 1, userId: 1 }, unique: true },
      // The groups and rooms of a person.
      { key: { userId: 1, leftSeq: 1, conversationId: 1 } },
      // The members of a group or room, longest-standing first.
      { key: { conversationId: 1, leftSeq: 1, joinSeq: 1, joinedAt: 1, userId: 1 }, ...meanwhile },
      // Those of whom something changed since.
      { key: { conversationId: 1, memberSeq: 1 }, ...exists('memberSeq'), ...meanwhile },
      // What a person changed of their own since a device last asked.
      { key: { userId: 1, changedAt: 1 }, ...exists('changedAt') },
    ],
    former: ['userId_1', 'conversationId_1_leftSeq_1_joinSeq_1_userId_1'],
  },
  setAside: { indexes: [] },
  scratch: { indexes: [] },

  // What people send each other besides words.
  files: {
    indexes: [
      // What of a message's, by what its sender knew before it was stored.
      {
        key: { 'claim.conversationId': 1, 'claim.senderId': 1, 'claim.clientId': 1 },
        ...exists('claim.clientId'),
      },
      // What somebody has not finished.
      { key: { ownerId: 1, state: 1 } },
      { key: { dueAt: 1 }, ...exists('dueAt') },
    ],
  },
  pictures: { indexes: [{ key: { dueAt: 1 }, ...exists('dueAt') }] },
  bytes: {
    indexes: [
      // How much there is of a person's: read from here alone, like how much there is of all.
      { key: { ownerId: 1, size: 1 }, ...meanwhile },
      { key: { dueAt: 1 }, ...exists('dueAt') },
    ],
  },
  [blobCollection]: {
    indexes: [
      // Of two who bring the same bytes one is first; a file is sharded by the first field.
      { key: { file: 1, part: 1, at: 1 }, name: blobIndexes.place, unique: true },
      // What there is of a file is read from here alone: its rows are a mebibyte each.
      { key: { file: 1, part: 1, at: 1, size: 1 }, name: blobIndexes.sizes },
    ],
  },

  // What there is once, and who does what only one may do.
  meta: { indexes: [] },
  leases: { indexes: [] },
  servers: { indexes: [] },

  // People.
  users: {
    indexes: [
      { key: { usernameKey: 1 }, unique: true },
      // Sparse for as long as rows from before there were forms are without one.
      { key: { usernameForm: 1 }, unique: true, sparse: true },
      { key: { usernameFormVersion: 1 }, ...meanwhile },
      { key: { admin: 1 }, partialFilterExpression: { admin: true }, ...meanwhile },
      { key: { suspendedAt: 1 }, ...exists('suspendedAt'), ...meanwhile },
      // With the id behind it, the people of one key come in the order in which they are paged.
      { key: { searchKeys: 1, _id: 1 }, ...meanwhile },
      { key: { searchKeysVersion: 1 }, ...meanwhile },
    ],
  },
  sessions: {
    indexes: [
      // The newest of a person first.
      { key: { userId: 1, createdAt: -1, _id: -1 }, ...meanwhile },
      // Not a TTL index: the embedded engine makes those and then never deletes by them.
      { key: { expiresAt: 1 }, ...meanwhile },
    ],
    former: ['userId_1'],
  },
  settings: { indexes: [] },
  blocks: {
    indexes: [
      { key: { userId: 1, blockedId: 1 }, unique: true },
      { key: { blockedId: 1 }, ...meanwhile },
    ],
  },
  versions: { indexes: [] },

  // Rooms.
  visitors: {
    indexes: [
      { key: { conversationId: 1, userId: 1 }, unique: true },
      {
        key: { conversationId: 1, claim: 1 },
        name: claimIndex,
        unique: true,
        partialFilterExpression: { claim: { $type: 'string' } },
      },
      { key: { conversationId: 1, here: 1, hereSince: 1, _id: 1 }, ...meanwhile },
      { key: { conversationId: 1, nameKey: 1 }, ...meanwhile },
      { key: { userId: 1 }, ...meanwhile },
      { key: { here: 1, seenAt: 1 }, ...meanwhile },
    ],
  },
  guests: {
    indexes: [
      { key: { tokenHash: 1 }, ...meanwhile },
      { key: { expiresAt: 1 }, ...meanwhile },
      { key: { conversationId: 1, address: 1 }, ...meanwhile },
    ],
  },
  bans: {
    indexes: [
      { key: { conversationId: 1, userId: 1 }, ...meanwhile },
      { key: { conversationId: 1, address: 1 }, ...meanwhile },
      { key: { expiresAt: 1 }, ...meanwhile },
      // Every server asks for the latest of them again and again.
      { key: { at: 1 }, partialFilterExpression: { clears: true }, ...meanwhile },
    ],
  },

  // Admins.
  reports: {
    indexes: [
      // One of each reporter on each thing waits; after it was resolved, it may be reported again.
      { key: { reporterId: 1, target: 1 }, unique: true, partialFilterExpression: { open: true } },
      { key: { open: 1, _id: 1 }, ...meanwhile },
      { key: { target: 1 }, ...meanwhile },
    ],
  },
  audit: {
    indexes: [{ key: { once: 1 }, unique: true, partialFilterExpression: { once: { $type: 'string' } } }],
  },
};
