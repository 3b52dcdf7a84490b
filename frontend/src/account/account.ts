import type { Person } from '@sori/contract';
import { createEffects } from './effects';
import { createNotices, type Notices } from './notices';
import { createWorkers, type AccountDeps, type Workers } from './workers';

export type { AccountDeps } from './workers';

/** What components may ask for by themselves. */
type Offered = Pick<
  Workers,
  | 'list'
  | 'history'
  | 'quotes'
  | 'readings'
  | 'changes'
  | 'typings'
  | 'watching'
  | 'acquaintances'
  | 'rooms'
  | 'notifier'
  | 'uploads'
>;

/** Everything that works for one signed-in person, and ends with the session: none of it can reach the next one's data. */
export type Account = Offered &
  Notices & {
    drafts: Pick<Workers['drafts'], 'saveNow'>;
    /** What this device keeps is shown: nothing may be heard before. Never fails. */
    ready: Promise<void>;
    /** Whose this device is, where the server is just being asked for that and more. Throws an ApiError. */
    whose: () => Promise<Person> | null;
    connected: () => void;
    /** With `forget`, this device keeps nothing of the account but what was not sent yet. */
    stop: (forget: boolean) => void;
  };

export const startAccount = (me: Person, deps: AccountDeps): Account => {
  const { store } = deps;
  const effects = createEffects({ store, account: me._id }, () => workers);
  const workers: Workers = createWorkers(me._id, deps, effects);
  const { beginning, list, cache, warmUp } = workers;
  void cache.ready.then(effects.loadList);

  /** The connection was away. */
  const renewList = async (): Promise<void> => {
    await list.renew();
    warmUp.look();
    const { open } = store.getState();
    if (open !== null) list.opened(open.conversationId);
  };

  let wasConnected = false;
  const connected = () => {
    const isAgain = wasConnected;
    wasConnected = true;
    const asked = beginning?.asked();
    // What is no entry (marks, mutes) may have changed while nobody told it here.
    if (isAgain) void renewList();
    else list.resume();
    // What was answered before this connection was there may be out of date. With the list it is asked for anew already.
    if (beginning?.asked() === asked) beginning?.refresh();
    workers.turns.connected();
    workers.log.resume();
    workers.history.resume();
    workers.readings.resume();
    workers.deliveries.resume();
    workers.watching.resume();
    workers.acquaintances.resume();
    if (isAgain) workers.rooms.resume();
    workers.changes.resume();
    workers.drafts.resume();
    workers.sending.resume();
    workers.uploads.resume();
  };

  return {
    ...workers,
    ...createNotices(store, workers, effects),
    ready: cache.ready,
    // Of a later connection it may say whose the one before was.
    whose: () => (wasConnected ? null : (beginning?.whose() ?? null)),
    connected,
    stop: (forget) => {
      cache.stop(forget);
      workers.deliveries.stop();
      beginning?.stop();
      workers.pace.stop();
      workers.turns.stop();
      warmUp.stop();
      workers.drafts.stop();
      workers.edits.stop();
      workers.sending.stop();
      workers.uploads.stop(forget);
      workers.notifier.stop();
      workers.watching.stop();
      workers.typings.stop();
      workers.changes.stop();
      workers.quotes.stop();
      workers.acquaintances.stop();
      workers.rooms.stop();
      workers.readings.stop();
      workers.history.stop();
      workers.log.stop();
      list.stop();
    },
  };
};
