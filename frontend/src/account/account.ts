import {
  asEntry,
  ApiError,
  type Ask,
  createCatchUp,
  createDrain,
  createPace,
  itemsOf,
  keepOutbox,
  type OpenOutboxStorage,
  type OutboxItem,
  type OutboxNews,
  ownReactionsTold,
  waitedFor,
} from '@sori/client';
import {
  versions,
  type Bootstrap,
  type Conversation,
  type Entry,
  type Heads,
  type Message,
  type Person,
  type ReadNotice,
  type Versions,
} from '@sori/contract';
import type { Api } from '../api/api';
import { startNotifier, type Notifier } from './notifications/notifier';
import type { Sound } from './notifications/sound';
import type { OpenCacheStorage } from './cache/cacheStorage';
import type { OpenChangesStorage } from './changes/changesStorage';
import { keepDrafts } from './drafts/draftsStorage';
import { keepEdits } from './edits/editsStorage';
import { outboxInStore } from './outbox/outboxInStore';
import type { Visit, Store } from '../store/state';
import { createAcquaintances, type Acquaintances } from './people/acquaintances';
import { createBeginning } from './beginning';
import { createCache } from './cache/cache';
import { createChanges, type Changes } from './changes/changes';
import type { Clock } from '../device/clock';
import { createConversationList, type ConversationList } from './conversations/conversationList';
import { createDeliveries } from './read-state/deliveries';
import { createDrafts, type Drafts } from './drafts/drafts';
import { createHistory, type History } from './history/history';
import { createPages } from './history/pages';
import { createQuotes, type Quotes } from './history/quotes';
import { createReadings, type Readings } from './read-state/readings';
import { createRelease } from './release';
import { createRooms, type Rooms } from './rooms/rooms';
import { lead, openChannel } from '../device/tabs';
import { createTurns } from './turns';
import { createTypings, type Typings } from './typing/typings';
import { createWarmUp } from './cache/warmUp';
import { createWatching, type Watching } from './people/watching';

const staleStillMs = 3_000;
/** So long what is kept waits for what the server says of today. */
const newsPatienceMs = 1_500;
/** One that is told of, was not known and has no more than this, is new: all of it is followed, and rings. */
const newAtMost = 10;

export type AccountDeps = {
  store: Store;
  api: Api;
  ask: Ask;
  isConnected: () => boolean;
  clock: Clock;
  sound: Sound;
  wantsLessMotion: () => boolean;
  openOutbox: OpenOutboxStorage;
  openCache: OpenCacheStorage;
  openChanges: OpenChangesStorage;
  /** Set for a guest: of all conversations there is that one. */
  visit: Visit | null;
  /** What the server said when it was asked who is signed in here, unless somebody has just said so themselves. */
  begun: Bootstrap | null;
  /** Loads the page anew. */
  reload: () => void;
  /** The server takes this device for somebody else's now. */
  isSomebodyElse: (me: Person) => void;
  /** The server has just said whose this device is. */
  said: () => void;
};

/** Everything that works for one signed-in person, and ends with the session: none of it can reach the next one's data. */
export type Account = {
  list: ConversationList;
  history: History;
  readings: Readings;
  watching: Watching;
  drafts: Pick<Drafts, 'saveNow'>;
  typings: Typings;
  changes: Changes;
  quotes: Quotes;
  acquaintances: Acquaintances;
  rooms: Rooms;
  notifier: Notifier;
  /** What this device keeps is shown: nothing may be heard before. Never fails. */
  ready: Promise<void>;
  /** Whose this device is, where the server is just being asked for that and more. Throws an ApiError. */
  whose: () => Promise<Person> | null;
  /** Something lies in the outbox. */
  drain: () => void;
  connected: () => void;
  versionsTold: (versions: Versions) => void;
  messageTold: (message: Message) => void;
  entryTold: (entry: Entry) => void;
  headsTold: (heads: Heads) => void;
  positionsTold: (notice: ReadNotice) => void;
  conversationTold: (conversation: Conversation) => void;
  conversationGone: (conversationId: string) => void;
  /** With `forget`, this device keeps nothing of the account but what was not sent yet. */
  stop: (forget: boolean) => void;
};

/** A guest's list: the room, and nothing else that the server could be asked for. */
const onlyThat = (
  api: Pick<Api, 'conversation'>,
  { conversationId }: Visit,
): Pick<Api, 'conversations' | 'conversation'> => ({
  conversation: api.conversation,
  conversations: async (_query, signal) => ({
    conversations: [await api.conversation(conversationId, signal)],
    next: null,
  }),
});

export const startAccount = (me: Person, deps: AccountDeps): Account => {
  const { store, api, ask, isConnected, clock, visit } = deps;
  const account = me._id;

  /** Where only the server knows the count or the preview, it is asked. */
  const refreshIfStale = (conversationId: string, delayMs?: number) => {
    if (store.getState().conversations[conversationId]?.stale === true) list.refresh(conversationId, delayMs);
  };

  const { begun, isSomebodyElse } = deps;
  const beginning =
    visit === null
      ? createBeginning({
          store,
          api,
          clock,
          account,
          begun,
          isSomebodyElse,
          said: deps.said,
          versionsTold: (told) => versionsTold(told),
        })
      : null;
  const release = createRelease({
    isKept: async () => {
      await Promise.all(itemsOf(store.getState().outbox).map(outbox.kept));
      return store.getState().unkept.size === 0;
    },
    changed: (release) => store.getState().releaseChanged(release),
    reload: deps.reload,
  });
  let isServerNewer = false;
  const versionsTold = (told: Versions) => {
    isServerNewer = told.build > versions.build;
    void release.told(told);
  };
  const pace = createPace(clock);
  const turns = createTurns({ store, clock });
  const list = createConversationList({
    store,
    api:
      visit === null
        ? { conversation: api.conversation, conversations: beginning?.conversations ?? api.conversations }
        : onlyThat(api, visit),
    clock,
    pace,
    gone: (conversationId) => running.conversationGone(conversationId),
    told: (conversations) => {
      for (const conversation of conversations) {
        const { _id, headSeq } = conversation;
        catchUp.described(_id, headSeq);
        readings.described(conversation);
        draftTold(conversation);
        // Still: the server had not heard yet what was read here. No sooner than it can have.
        refreshIfStale(_id, staleStillMs);
      }
    },
  });

  const gone = (conversationId: string) => {
    const { conversationGone, pageFailed, open } = store.getState();
    list.forget(conversationId);
    cache.forget(conversationId);
    warmUp.forget(conversationId);
    history.giveUp(conversationId);
    conversationGone(conversationId);
    if (open?.conversationId === conversationId)
      pageFailed(
        conversationId,
        'replace',
        new ApiError('NOT_FOUND', 'This conversation is not here any more'),
      );
  };

  const catchUp = createCatchUp({
    clock,
    isConnected,
    turn: (conversationId, call) => turns.take(conversationId, call),
    fetchEntries: (input) => ask('entries:after', input),
    describe: list.want,
    begun: (conversationId) => store.getState().conversationBegun(conversationId),
    applied: (conversationId, told, missed) => {
      const entries = ownReactionsTold(told, account);
      store.getState().entriesApplied(conversationId, entries, missed);
      cache.applied(conversationId, entries);
      refreshIfStale(conversationId);
    },
    startedOver: (conversationId) => {
      cache.forget(conversationId);
      warmUp.forget(conversationId);
      store.getState().windowForgotten(conversationId);
      history.reopen(conversationId);
    },
    gone,
    epochTold: () => cache.epochTold(),
    epochChanged: () => {
      const { open } = store.getState();
      cache.clear();
      store.getState().conversationsForgotten();
      void loadList();
      if (open !== null) history.reopen(open.conversationId);
    },
  });

  const deliveries = createDeliveries({ store, ask, clock });
  const cache = createCache({
    store,
    clock,
    storage: deps.openCache(account),
    cursorOf: catchUp.cursorOf,
    epoch: catchUp.epoch,
    restored: catchUp.restored,
    late: (conversationIds) => {
      for (const conversationId of conversationIds) list.refresh(conversationId);
    },
    stored: deliveries.stored,
  });

  const fetchPage = createPages({ store, api, isServerNewer: () => isServerNewer });
  const warmUp = createWarmUp({
    store,
    fetchPage,
    cache,
    pace,
    isFollowed: (conversationId) => catchUp.cursorOf(conversationId) !== null,
  });

  const described = async (conversationId: string): Promise<void> => {
    // What this device kept may be from long ago: where somebody left off then says nothing of today.
    const isOfNow = !store.getState().list.kept;
    if (catchUp.cursorOf(conversationId) === null || !isOfNow) await list.describe(conversationId);
  };
  const history = createHistory({
    store,
    fetchPage,
    kept: async (conversationId) => {
      await cache.ready;
      return cache.newest(conversationId);
    },
    expect: cache.expect,
    endReached: (conversationId) => readings.readAll(conversationId),
    described,
    describedSoon: async (conversationId) => {
      await waitedFor(clock, described(conversationId), newsPatienceMs);
    },
  });

  const readings = createReadings({ store, ask, clock });
  const watching = createWatching({ store, ask, clock });
  const typings = createTypings({ store, ask, clock });
  const changes = createChanges({
    store,
    ask,
    clock,
    isConnected,
    storage: deps.openChanges(account),
  });
  const quotes = createQuotes({ store, api });
  const acquaintances = createAcquaintances({ store, api, clock });
  const rooms = createRooms({ store, api, clock });
  const notifier = startNotifier({ ...deps });

  const channel = openChannel<OutboxNews>(`sori-outbox-${account}`, (news) => outbox.heard(news));
  const heldOutbox = outboxInStore(store);
  const outbox = keepOutbox({
    outbox: heldOutbox,
    clock,
    storage: deps.openOutbox(account),
    tell: channel.tell,
    keepingTold: (isKept) => store.getState().keepingTold('outbox', isKept),
  });
  const leadership = lead({ name: `sori-outbox-${account}`, clock, changed: () => drain.look() });
  /** What was written before the page was opened goes first: until it is there, nothing goes. */
  let outboxIsLoaded = false;

  const sent = ({ clientId }: OutboxItem, message: Message) => {
    store.getState().messageStored(clientId, message);
    catchUp.heard(asEntry(message));
    // The log told it here before, on an earlier try whose answer was lost: the bubble has its message already.
    if ((catchUp.cursorOf(message.conversationId) ?? 0) >= message.seq)
      store.getState().messagesSettled(new Set([clientId]));
  };
  const drain = createDrain({
    outbox: heldOutbox,
    clock,
    isConnected,
    kept: outbox.kept,
    leads: () => outboxIsLoaded && leadership.leads(),
    takeLead: leadership.take,
    isOthers: outbox.isOthers,
    send: async ({ to, text, clientId, replyTo }) =>
      (await ask('message:send', { to, message: text, clientId, replyTo })).message,
    sent,
  });
  void outbox.ready.then(() => {
    outboxIsLoaded = true;
    drain.look();
  });
  const unsubscribe = heldOutbox.subscribe(() => drain.look());
  const drafts = createDrafts({ store, api, clock, account, isConnected });
  // A guest has no other devices: what they are writing stays on this one.
  const keepsOnServer = visit === null;
  const forgetDraftsWatch = keepDrafts(store, account, (key) => {
    if (keepsOnServer) drafts.changed(key);
  });
  const forgetEditsWatch = keepEdits(store, account);
  const draftTold = (conversation: Conversation) => {
    if (keepsOnServer) drafts.told(conversation);
  };
  const loadList = async (): Promise<void> => {
    await list.load();
    warmUp.look();
  };
  /** The line was away. */
  const renewList = async (): Promise<void> => {
    await list.renew();
    warmUp.look();
    const { open } = store.getState();
    if (open !== null) list.opened(open.conversationId);
  };
  void cache.ready.then(loadList);

  let hadLine = false;
  const running: Account = {
    list,
    history: {
      ...history,
      open: (conversationId) => {
        if (store.getState().conversations[conversationId] !== undefined) list.opened(conversationId);
        turns.hurry(conversationId);
        return history.open(conversationId);
      },
    },
    readings,
    watching,
    typings,
    changes,
    quotes,
    acquaintances,
    rooms,
    drafts,
    notifier,
    ready: cache.ready,
    // Of a later line it may say whose the one before was.
    whose: () => (hadLine ? null : (beginning?.whose() ?? null)),
    drain: drain.look,
    connected: () => {
      const again = hadLine;
      hadLine = true;
      const asked = beginning?.asked();
      // What is no entry (marks, mutes) may have changed while nobody told it here.
      if (again) void renewList();
      else list.resume();
      // What was answered before this line was there may be out of date. With the list it is asked for anew already.
      if (beginning?.asked() === asked) beginning?.refresh();
      turns.connected();
      catchUp.resume();
      history.resume();
      readings.resume();
      deliveries.resume();
      watching.resume();
      acquaintances.resume();
      if (again) rooms.resume();
      changes.resume();
      drafts.resume();
      drain.resume();
    },
    versionsTold,
    messageTold: (message) => {
      turns.hurry(message.conversationId);
      const news = catchUp.heard(asEntry(message));
      // In a group what blocked people say comes too, folded; it calls nobody.
      if (news && !store.getState().blocked.has(message.senderId)) notifier.heard(message);
    },
    entryTold: (entry) => {
      turns.hurry(entry.conversationId);
      if (entry.kind !== 'member') catchUp.heard(entry);
      else {
        const { people = [], ...own } = entry;
        if (people.length > 0) store.getState().peopleTold(people);
        catchUp.heard(own);
      }
    },
    headsTold: (heads) => {
      catchUp.hinted(heads);
      list.headsTold(heads);
    },
    positionsTold: (notice) => {
      store.getState().positionsTold(notice);
      refreshIfStale(notice.conversationId);
    },
    conversationTold: (conversation) => {
      const { _id, headSeq, firstSeq } = conversation;
      const isBack = store.getState().gone[_id] !== undefined;
      if (isBack) store.getState().windowForgotten(_id);
      store.getState().conversationsTold([conversation]);
      catchUp.described(_id, headSeq, firstSeq === 1 && headSeq <= newAtMost);
      readings.described(conversation);
      draftTold(conversation);
      refreshIfStale(_id);
      if (isBack) history.reopen(_id);
    },
    conversationGone: (conversationId) => {
      catchUp.forget(conversationId);
      gone(conversationId);
    },
    stop: (forget) => {
      cache.stop(forget);
      deliveries.stop();
      beginning?.stop();
      pace.stop();
      turns.stop();
      warmUp.stop();
      unsubscribe();
      forgetDraftsWatch();
      forgetEditsWatch();
      drafts.stop();
      drain.stop();
      leadership.stop();
      outbox.stop();
      channel.stop();
      notifier.stop();
      watching.stop();
      typings.stop();
      changes.stop();
      quotes.stop();
      acquaintances.stop();
      rooms.stop();
      readings.stop();
      history.stop();
      catchUp.stop();
      list.stop();
    },
  };
  return running;
};
