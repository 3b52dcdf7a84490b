import {
  createCatchUp,
  createPace,
  waitedFor,
  type Ask,
  type CatchUp,
  type OpenOutboxStorage,
  type OutboxItem,
  type Pace,
} from '@sori/client';
import {
  versions,
  type Bootstrap,
  type Conversation,
  type Entry,
  type Id,
  type Message,
  type Person,
  type Versions,
} from '@sori/contract';
import type { Api } from '../api/api';
import type { Clock } from '../device/clock';
import type { Store, Visit } from '../store/state';
import { createBeginning, type Beginning } from './beginning';
import { createCache, type Cache } from './cache/cache';
import type { OpenCacheStorage } from './cache/cacheStorage';
import { createWarmUp, type WarmUp } from './cache/warmUp';
import { createChanges, type Changes } from './changes/changes';
import type { OpenChangesStorage } from './changes/changesStorage';
import { createConversationList, type ConversationList } from './conversations/conversationList';
import { startDrafts, type Drafts } from './drafts/drafts';
import { keepEdits } from './edits/editsStorage';
import { createHistory, type History } from './history/history';
import { createPages, type FetchPage } from './history/pages';
import { createQuotes, type Quotes } from './history/quotes';
import { startNotifier, type Notifier } from './notifications/notifier';
import type { Sound } from './notifications/sound';
import { startSending, type Sending } from './outbox/sending';
import { createAcquaintances, type Acquaintances } from './people/acquaintances';
import { createWatching, type Watching } from './people/watching';
import { createDeliveries, type Deliveries } from './read-state/deliveries';
import { createReadings, type Readings } from './read-state/readings';
import { createRelease } from './release';
import { createRooms, type Rooms } from './rooms/rooms';
import { createTurns, type Turns } from './turns';
import { createTypings, type Typings } from './typing/typings';
import type { OpenFiles } from './uploads/keptFiles';
import type { Upload } from './uploads/tusUpload';
import { createUploads, type Uploads } from './uploads/uploads';

/** So long what is kept waits for what the server says of today. */
const newsPatienceMs = 1_500;

export type AccountDeps = {
  store: Store;
  api: Api;
  ask: Ask;
  isConnected: () => boolean;
  clock: Clock;
  sound: Sound;
  wantsLessMotion: () => boolean;
  openOutbox: OpenOutboxStorage;
  openFiles: OpenFiles;
  upload: Upload;
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

/** Each of them does one thing for the account, and knows nothing of the others but what it is given. */
export type Workers = {
  /** Null for a guest. */
  beginning: Beginning | null;
  list: ConversationList;
  /** Follows the logs of all conversations. */
  log: CatchUp;
  pace: Pace;
  turns: Turns;
  cache: Cache;
  warmUp: WarmUp;
  history: History;
  quotes: Quotes;
  readings: Readings;
  deliveries: Deliveries;
  sending: Sending;
  uploads: Uploads;
  drafts: Omit<Drafts, 'changed'>;
  edits: { stop: () => void };
  changes: Changes;
  typings: Typings;
  watching: Watching;
  acquaintances: Acquaintances;
  rooms: Rooms;
  notifier: Notifier;
  /** Which pages the server still serves, and which it gives out. */
  versionsReceived: (received: Versions) => void;
};

/** What the list is asked of. A guest's is the room, and nothing else that the server could be asked for. */
const listApi = (
  { api, visit }: Pick<AccountDeps, 'api' | 'visit'>,
  beginning: Beginning | null,
): Parameters<typeof createConversationList>[0]['api'] => ({
  conversation: api.conversation,
  conversations:
    visit === null
      ? (beginning?.conversations ?? api.conversations)
      : async (_query, signal) => ({
          conversations: [await api.conversation(visit.conversationId, signal)],
          next: null,
        }),
});

type HistoryDeps = Pick<AccountDeps, 'store' | 'clock'> &
  Pick<Workers, 'list' | 'log' | 'cache' | 'readings' | 'turns'> & { fetchPage: FetchPage };

/** History that begins with what this device keeps, and goes on from what the server says of today. */
const createKeptHistory = (deps: HistoryDeps): History => {
  const { store, clock, fetchPage, list, log, cache, readings, turns } = deps;
  const described = async (conversationId: Id): Promise<void> => {
    // What this device kept may be from long ago: where somebody left off then says nothing of today.
    const isOfNow = !store.getState().list.kept;
    if (log.cursorOf(conversationId) === null || !isOfNow) await list.describe(conversationId);
  };
  const history = createHistory({
    store,
    fetchPage,
    kept: async (conversationId) => {
      await cache.ready;
      return cache.newest(conversationId);
    },
    expect: cache.expect,
    endReached: readings.readAll,
    described,
    describedSoon: async (conversationId) => {
      await waitedFor(clock, described(conversationId), newsPatienceMs);
    },
  });
  return {
    ...history,
    open: (conversationId) => {
      if (store.getState().conversations[conversationId] !== undefined) list.opened(conversationId);
      turns.hurry(conversationId);
      return history.open(conversationId);
    },
  };
};

/** What happens at one of the workers, and concerns others. */
export type Effects = {
  /** The server described these, and the store has them. */
  described: (conversations: readonly Conversation[]) => void;
  /** Where only the server knows the count or the preview, it is asked: soon, or after that long. */
  refreshIfStale: (conversationId: Id, delayMs?: number) => void;
  /** Loads the list from its beginning. */
  loadList: () => Promise<void>;
  /** The log goes on with these; `missed` where nobody told it while it happened. */
  applied: (conversationId: Id, entries: readonly Entry[], missed: boolean) => void;
  /** What is held of that log joins on to nothing any more. */
  startedOver: (conversationId: Id) => void;
  /** It is not there, or no longer this person's; the log is not followed any more. */
  gone: (conversationId: Id) => void;
  /** Another life of the database: nothing that was held counts. */
  epochChanged: () => void;
  /** The server has stored what lay in the outbox. */
  sent: (item: OutboxItem, message: Message) => void;
};

export const createWorkers = (account: Id, deps: AccountDeps, effects: Effects): Workers => {
  const { store, api, ask, clock, isConnected, visit } = deps;
  const pace = createPace(clock);
  const turns = createTurns({ store, clock });

  let isServerNewer = false;
  const release = createRelease({
    isKept: async () => {
      await Promise.all([workers.sending.kept(), workers.uploads.kept()]);
      const { unkept, chosen } = store.getState();
      return unkept.size === 0 && Object.keys(chosen).length === 0;
    },
    changed: (state) => store.getState().releaseChanged(state),
    reload: deps.reload,
  });
  const versionsReceived = (received: Versions) => {
    isServerNewer = received.build > versions.build;
    void release.received(received);
  };

  const beginning = visit === null ? createBeginning({ ...deps, account, versionsReceived }) : null;
  const list = createConversationList({
    store,
    api: listApi(deps, beginning),
    clock,
    pace,
    received: effects.described,
    gone: (conversationId) => {
      log.forget(conversationId);
      effects.gone(conversationId);
    },
  });
  const log = createCatchUp({
    ...effects,
    clock,
    isConnected,
    turn: turns.take,
    fetchEntries: (input) => ask('entries:after', input),
    describe: list.want,
    begun: (conversationId) => store.getState().conversationBegun(conversationId),
    epochReceived: () => cache.epochReceived(),
  });

  const deliveries = createDeliveries({ store, ask, clock });
  const readings = createReadings({ store, ask, clock });
  const cache = createCache({
    store,
    clock,
    storage: deps.openCache(account),
    cursorOf: log.cursorOf,
    epoch: log.epoch,
    restored: log.restored,
    late: (conversationIds) => {
      for (const conversationId of conversationIds) list.refresh(conversationId);
    },
    stored: deliveries.stored,
  });
  const fetchPage = createPages({ store, api, isServerNewer: () => isServerNewer });
  const isFollowed = (conversationId: Id) => log.cursorOf(conversationId) !== null;

  const workers: Workers = {
    beginning,
    list,
    log,
    pace,
    turns,
    cache,
    warmUp: createWarmUp({ store, fetchPage, cache, pace, isFollowed }),
    history: createKeptHistory({ store, clock, fetchPage, list, log, cache, readings, turns }),
    quotes: createQuotes({ store, api }),
    readings,
    deliveries,
    drafts: startDrafts({ store, api, clock, account, isConnected, isGuest: visit !== null }),
    edits: { stop: keepEdits(store, account) },
    changes: createChanges({ store, ask, clock, isConnected, storage: deps.openChanges(account) }),
    // Behind what is shown first: all three read the same database.
    sending: startSending({
      ...deps,
      account,
      loaded: () => workers.uploads.loaded(),
      sent: effects.sent,
    }),
    uploads: createUploads({ ...deps, account, leads: () => workers.sending.leads() }),
    typings: createTypings({ store, ask, clock }),
    watching: createWatching({ store, ask, clock }),
    acquaintances: createAcquaintances({ store, api, clock }),
    rooms: createRooms({ store, api, clock }),
    notifier: startNotifier(deps),
    versionsReceived,
  };
  return workers;
};
