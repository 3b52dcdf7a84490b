/** What a run leaves behind for the checker. Plain data, so that the checker's own tests can make it up. */

/** A message as anybody holds it, reduced to what must be equal everywhere. */
export interface HeldMessage {
  _id: string;
  seq: number;
  senderId: string;
  text: string;
  deleted: boolean;
  pinned: boolean;
  /** `emoji count: user, user`, sorted: in which order reactions are told does not matter. */
  reactions: string;
}

/** One row of the log, as it lies in the database. */
export interface LogRow {
  _id: string;
  seq: number;
  kind: string;
  senderId: string;
  clientId: string;
  at: number;
  messageCount: number;
  membersVersion: number;
  targetSeq?: number | undefined;
  /** The files that a message has. */
  files?: readonly string[] | undefined;
  /** Of a message: its current state. Of an edit: the new text. */
  message?: string | undefined;
  deleted?: boolean | undefined;
  pinned?: boolean | undefined;
  emojis?: readonly string[] | undefined;
  /** Of a `member` entry. */
  change?: string | undefined;
  userIds?: readonly string[] | undefined;
  held?: HeldMessage | undefined;
}

/** Something that a person wanted done, from the moment at which it was written to the outbox. */
export interface Intent {
  clientId: string;
  conversationId: string;
  userId: string;
  device: string;
  /** Ascending per device in the order of writing. */
  order: number;
  kind: 'message' | 'edit' | 'delete' | 'react' | 'pin';
  text?: string | undefined;
  /** Of a message with a file: how long that is, in bytes. */
  fileBytes?: number | undefined;
  targetId?: string | undefined;
  targetSeq?: number | undefined;
  /** The whole set, or the one that was switched on or off (by REST). */
  emojis?: readonly string[] | undefined;
  single?: { emoji: string; on: boolean } | undefined;
  pinned?: boolean | undefined;
  state: 'waiting' | 'acknowledged' | 'refused';
  code?: string | undefined;
  /** Of an acknowledged message. */
  answer?: { _id: string; seq: number } | undefined;
}

/** Somebody comes into a group or goes, from the moment at which it was asked for. */
export interface Coming {
  clientId: string;
  conversationId: string;
  /** Who asks. */
  userId: string;
  change: 'added' | 'removed' | 'left' | 'joined';
  /** Who comes or goes. */
  whom: string;
  state: Intent['state'];
  code?: string | undefined;
}

/** An entry as it was delivered, live or fetched. */
export interface Delivered {
  _id: string;
  kind: string;
  senderId?: string | undefined;
  clientId?: string | undefined;
}

/** What one device holds of one conversation at the end. */
export interface View {
  device: string;
  userId: string;
  conversationId: string;
  /** Messages from this seq on are all held: 1, or where a snapshot began. */
  fromSeq: number;
  cursor: number;
  messages: ReadonlyMap<number, HeldMessage>;
}

/** What REST said at the end to one person of one conversation. */
export interface Answered {
  userId: string;
  conversationId: string;
  listed: boolean;
  headSeq: number;
  unread: number;
  readSeq: number;
  deliveredSeq: number;
  preview?: HeldMessage | undefined;
  history: readonly HeldMessage[];
}

export interface Receipt {
  conversationId: string;
  userId: string;
  /** The highest position that was acknowledged. */
  readSeq: number;
  deliveredSeq: number;
}

export type Rule =
  | 'I1'
  | 'I2'
  | 'I3'
  | 'I4'
  | 'I5'
  | 'I6'
  | 'I7'
  | 'I8'
  | 'I9'
  | 'I10'
  | 'I11'
  | 'I12'
  | 'I13'
  | 'visible'
  | 'refused'
  | 'server'
  | 'quiet'
  | 'files'
  | 'crossing'
  | 'presence'
  | 'fsck';

/** What each rule says, for the report. */
export const rules: Readonly<Record<Rule, string>> = {
  I1: 'seqs are 1..N without a hole',
  I2: 'one entry per conversation, sender and clientId',
  I3: 'acknowledged means in the log, at that seq',
  I4: 'delivered means in the log, at that seq',
  I5: 'what a client applied is a gapless stretch of the log, up to its end',
  I6: 'every client, history and row equals the fold of the log',
  I7: "a sender's own order",
  I8: 'receipts never fall and never pass the head',
  I9: 'unread is exact',
  I10: 'the preview is the newest undeleted message',
  I11: 'nothing is delivered outside membership',
  I12: 'nothing is by somebody who was not in there, or not any more',
  I13: 'at, messageCount and membersVersion never fall',
  visible: 'an acknowledged message is in history, list and pages at once and for ever',
  refused: 'what was refused for good is not in the log',
  server: 'the server never ends by itself, always comes back, reports no bug',
  quiet: 'once all is healed, all outboxes empty and all followers arrive',
  files: 'an acknowledged message has its file, byte for byte',
  crossing: 'with nothing broken, what is said on one server comes to devices on each',
  presence: 'at rest everybody connected is online within 15 s for those who may see it, and nobody else is',
  fsck: "the project's own check finds nothing",
};

export interface Violation {
  rule: Rule;
  what: string;
}

export interface Evidence {
  /** conversation id → its people; of a group, all who ever may be in it. */
  conversations: ReadonlyMap<string, readonly string[]>;
  /** Those whose people come and go. */
  groups: ReadonlySet<string>;
  log: ReadonlyMap<string, readonly LogRow[]>;
  intents: readonly Intent[];
  /** Comings and goings in groups, but for those with which they were made. */
  comings: readonly Coming[];
  delivered: ReadonlyMap<string, ReadonlyMap<number, Delivered>>;
  /** Of groups: what reached whom, live or fetched. */
  reached: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<number>>>;
  views: readonly View[];
  answered: readonly Answered[];
  receipts: readonly Receipt[];
  /** What was noticed while the run went on. */
  noticed: readonly Violation[];
}
