import type {
  ApiError,
  HeldConversation,
  Outbox,
  OutboxItem,
  OutgoingFile,
  PendingChange,
  Refused,
  Written,
} from '@sori/client';
import type {
  BlockChange,
  Conversation,
  Entry,
  Id,
  Message,
  Person,
  PresenceChange,
  ReadNotice,
  RoomHere,
  RoomPerson,
  Settings,
  Typing,
} from '@sori/contract';
import type { StateCreator } from 'zustand';
import type { StoreApi } from 'zustand/vanilla';
import type { OpenRoom } from './openRoom';
import type { UploadsSlice } from './uploads';
import type { Asking, LoadKind, Place, Window, WindowPage } from './window';

/** What the page knows, and what can happen to it. Actions say what happened; nothing here talks to anybody. */
export type State = SessionSlice &
  PeopleSlice &
  ConversationsSlice &
  MessagesSlice &
  ChangesSlice &
  OutboxSlice &
  UploadsSlice &
  DraftsSlice &
  EditsSlice &
  TypingSlice &
  RoomsSlice &
  BlocksSlice &
  SettingsSlice &
  NotificationsSlice;

export type Store = StoreApi<State>;

export type Slice<Part> = StateCreator<State, [], [], Part>;

export type SessionSlice = {
  /** `unknown` until the server, or this device's memory of who was signed in, was heard. */
  status: 'unknown' | 'signedOut' | 'signedIn' | 'guest';
  /** Whoever writes here. A guest is one too: under the name that the room knows, and with no user name. */
  me: Person | null;
  /** The open room in which `me` is a guest. */
  visit: Visit | null;
  /** How the last visit of a guest ended, until the next one begins. */
  visitEnd: VisitEnd | null;
  /** The last session ended because an admin suspended the account. */
  suspended: boolean;
  connection: 'online' | 'connecting' | 'offline';
  /** `outdated`: the server no longer serves this page. `updated`: it was so, until the page was loaded anew. */
  release: 'current' | 'outdated' | 'updated';
  signedIn: (me: Person) => void;
  /** Everything of the account is forgotten in the same step. */
  signedOut: (suspended?: boolean) => void;
  /** In that room, under that name: for the first time, again, or with a new name. */
  guestEntered: (me: Person, visit: Visit) => void;
  guestLeft: (end: VisitEnd) => void;
  visitEndSeen: () => void;
  connectionChanged: (connection: SessionSlice['connection']) => void;
  releaseChanged: (release: SessionSlice['release']) => void;
};

export type Visit = { slug: string; conversationId: Id };
export type VisitEnd = { slug: string; reason: 'left' | 'kicked' | 'expired' | 'deleted' };

export type PeopleSlice = {
  people: Readonly<Record<Id, Person>>;
  online: ReadonlySet<Id>;
  peopleReceived: (people: readonly Person[]) => void;
  /** Somebody looks different, wherever they are shown; it may be oneself. */
  personChanged: (person: Person) => void;
  /** Everybody who is online, told once after connecting. */
  onlineReceived: (userIds: readonly Id[]) => void;
  presenceChanged: (change: PresenceChange) => void;
};

/** What is still known of a conversation that is not this person's any more. */
export type Gone = { name: string; /** They left it, or deleted it, on this page. */ byOneself: boolean } & (
  { kind: 'group' } | { kind: 'room'; slug: string }
);

export type ConversationsSlice = {
  conversations: Readonly<Record<Id, HeldConversation>>;
  /** The direct conversation with each person. */
  directs: Readonly<Record<Id, Id>>;
  list: {
    state: 'loading' | 'ready' | 'failed';
    error: ApiError | null;
    next: string | null;
    /** It is what this device kept; the server has not told its first page yet. */
    kept: boolean;
  };
  /** Members of groups who were asked for, wrote or came: a large one does not tell all of them. */
  membersMet: Readonly<Record<Id, ReadonlySet<Id>>>;
  /** Groups and rooms that were this person's while the page was open, and are no longer. */
  gone: Readonly<Record<Id, Gone>>;
  /** What this device kept. Whatever is known already is newer. */
  keptConversationsCame: (held: readonly HeldConversation[]) => void;
  /** The server was asked who is in a group. */
  membersReceived: (conversationId: Id, members: readonly Person[]) => void;
  listAsked: () => void;
  listPageCame: (conversations: readonly Conversation[], next: string | null) => void;
  listFailed: (error: ApiError) => void;
  conversationsReceived: (conversations: readonly Conversation[]) => void;
  /** Those that end by then are over. */
  mutesEnded: (now: number) => void;
  conversationGone: (conversationId: Id) => void;
  /** Of one that is gone: nobody took it away from this person. */
  goneByOneself: (conversationId: Id) => void;
  /** Another life of the database: nothing that was held counts. */
  conversationsForgotten: () => void;
  positionsReceived: (notice: ReadNotice) => void;
  wasRead: (conversationId: Id, seq: number) => void;
};

export type MessagesSlice = {
  windows: Readonly<Record<Id, Window>>;
  /** The conversation that the page shows, and whether its end is on screen. */
  open: { conversationId: Id; atEnd: boolean } | null;
  /** The person whose page is shown for as long as no conversation with them is known; then that is `open`. */
  facing: Id | null;
  /** Where "unread from here" stands: above the first message of others beyond that seq. */
  dividers: Readonly<Record<Id, number | null>>;
  conversationOpened: (conversationId: Id) => void;
  /** The server has described it since it was opened, and nothing of it is shown yet: what is unread is known now. */
  beginningFound: (conversationId: Id) => void;
  /** The reader looks elsewhere, and was there; null at the end. */
  placeLeft: (conversationId: Id, place: Place | null) => void;
  conversationClosed: (conversationId: Id) => void;
  faced: (userId: Id | null) => void;
  endReached: (conversationId: Id, atEnd: boolean) => void;
  pageAsked: (conversationId: Id, kind: LoadKind, asking?: Asking) => void;
  pageCame: (conversationId: Id, kind: LoadKind, page: WindowPage) => void;
  pageFailed: (conversationId: Id, kind: LoadKind, error: ApiError | null) => void;
  /**
   * The log went on, and with `missed` it had done so before: it was not told while it happened. Messages,
   * changes, count, preview and outbox follow in one step, so that no bubble shows twice.
   */
  entriesApplied: (conversationId: Id, entries: readonly Entry[], missed?: boolean) => void;
  windowForgotten: (conversationId: Id) => void;
  /** Its very first entry is about to be told: nothing lies before it. */
  conversationBegun: (conversationId: Id) => void;
};

export type ChangesSlice = {
  /** What this person is changing, by the message's `_id`, in the order of asking: shown as done, and not stored yet. */
  changes: Readonly<Record<Id, readonly PendingChange[]>>;
  /** Messages that others quote and no window holds. Null: it was looked for in vain. */
  quoted: Readonly<Record<Id, Message | null>>;
  changeAsked: (change: PendingChange) => void;
  /** The server has it: the message as it now is takes the place of the guess in the same step. */
  changeStored: (change: PendingChange, message: Message) => void;
  changeRefused: (change: PendingChange) => void;
  quoteFound: (messageId: Id, message: Message | null) => void;
};

export type TypingSlice = {
  /** Who is writing, by conversation, in the order in which they began. */
  typing: Readonly<Record<Id, readonly Id[]>>;
  typingReceived: (received: Typing) => void;
  /** The connection broke: nobody knows any more who is writing. */
  typingForgotten: () => void;
};

export type RoomsSlice = {
  /** The open rooms that are on the page. */
  rooms: Readonly<Record<Id, OpenRoom>>;
  roomOpened: (conversationId: Id) => void;
  roomClosed: (conversationId: Id) => void;
  hereListed: (conversationId: Id, here: readonly RoomPerson[], coming: ReadonlySet<Id>) => void;
  occupancyReceived: (received: RoomHere) => void;
};

export type BlocksSlice = {
  /** Whom this person blocks. */
  blocked: ReadonlySet<Id>;
  /** All of them. */
  blocksListed: (userIds: readonly Id[]) => void;
  blockReceived: (change: BlockChange) => void;
};

export type SettingsSlice = {
  /** Null until the server has told them. */
  settings: Settings | null;
  /** Whether this person is an admin of this server. Null until the server has told it. */
  admin: boolean | null;
  adminReceived: (admin: boolean) => void;
  settingsReceived: (settings: Settings) => void;
};

/** `files`: those of messages that wait. */
export type Unkept = 'outbox' | 'drafts' | 'edits' | 'files';

export type OutboxSlice = {
  outbox: Outbox;
  /** What this browser does not keep, or could not lately: it ends with the page. */
  unkept: ReadonlySet<Unkept>;
  keepingChanged: (what: Unkept, isKept: boolean) => void;
  /** The draft there is emptied in the same step. */
  messageWritten: (item: Written) => void;
  messageStored: (clientId: string, message: Message) => void;
  messageRefused: (clientId: string, reason: Refused) => void;
  messageRetried: (clientId: string) => void;
  messageDiscarded: (clientId: string) => void;
  /** It goes without that file. */
  fileDiscarded: (clientId: string, id: string) => void;
  fileUploaded: (clientId: string, id: string, how: Pick<OutgoingFile, 'url' | 'fileId'>) => void;
  /** What was uploaded of its files is no longer there: all of it begins anew. */
  uploadsLost: (clientId: string) => void;
  messagesSettled: (clientIds: ReadonlySet<string>) => void;
  /** By storage, once: in front of what was written meanwhile. */
  outboxLoaded: (items: readonly OutboxItem[]) => void;
  /** By another tab. */
  outboxReceived: (items: readonly OutboxItem[]) => void;
};

export type Draft = {
  text: string;
  replyTo: Id | null;
  /** Another tab of the account has it: that one keeps it, tells the server, and takes it along. */
  fromOtherTab?: boolean;
};

export type DraftsSlice = {
  /** By conversation, or by person while there is no conversation yet. */
  drafts: Readonly<Record<Id, Draft>>;
  draftChanged: (key: Id, draft: Draft) => void;
  /** Another tab of the account changed it. */
  draftFromOtherTab: (key: Id, draft: Draft) => void;
  /** The same person was writing it there under another name: it goes on behind what lies there already. */
  draftBrought: (key: Id, draft: Draft) => void;
  draftsLoaded: (drafts: Readonly<Record<Id, Draft>>) => void;
};

/** New words for a message that is there, while they are being written. */
export type Edit = {
  messageId: Id;
  text: string;
  /** What the message said when that began; null where nobody knows. */
  before: string | null;
};

export type EditsSlice = {
  /** By conversation; the last one of each is what the person is at. */
  edits: Readonly<Record<Id, readonly Edit[]>>;
  editBegan: (key: Id, edit: Edit) => void;
  editChanged: (key: Id, messageId: Id, changed: Partial<Edit>) => void;
  editEnded: (key: Id, messageId: Id) => void;
  /** The server would not have it: the words are the person's again. */
  editRefused: (pending: PendingChange) => void;
  editsLoaded: (edits: EditsSlice['edits']) => void;
  /** Another tab of the account changed them. */
  editsFromOtherTab: (key: Id, edits: readonly Edit[]) => void;
};

export type NotificationsSlice = {
  /** Whether somebody can be looking: the window is focused and visible. */
  attention: boolean;
  /** The conversation whose divider was placed since the attention went. */
  absenceMarked: Id | null;
  shaking: { conversationId: Id; seq: number } | null;
  attentionChanged: (attention: boolean) => void;
  shakeBegan: (conversationId: Id, seq: number) => void;
  shakeEnded: () => void;
};

/** Where something is written to, as a key: the conversation, or the person while there is none. */
export const keyOf = (state: Pick<State, 'directs'>, target: { conversationId: Id } | { userId: Id }): Id =>
  'conversationId' in target ? target.conversationId : (state.directs[target.userId] ?? target.userId);

/** The known conversation of a target, or null. */
export const conversationIdOf = (
  state: Pick<State, 'directs'>,
  target: { conversationId: Id } | { userId: Id },
): Id | null => ('conversationId' in target ? target.conversationId : (state.directs[target.userId] ?? null));

export const myId = ({ me }: Pick<State, 'me'>): Id => me?._id ?? '';
