import type { Logger } from 'pino';
import type { Store } from '../database/connect.js';
import type { Meta } from './meta.model.js';

export interface EpochDeps {
  store: Pick<Store, 'onReconnect'>;
  meta: Pick<Meta, 'epoch'>;
  log: Logger;
  /** The database is another one than before: nothing that is remembered of it holds. */
  forget: () => void;
  /** Brings up to date what may have been left behind meanwhile. */
  reconcile: () => Promise<unknown>;
}

/** Which life of the database this is, read again whenever it was away. */
export async function createEpoch({ store, meta, log, forget, reconcile }: EpochDeps) {
  let epoch = await meta.epoch();

  async function reread(): Promise<void> {
    const current = await meta.epoch();
    if (current !== epoch) {
      log.warn('the database is another one than before: everything remembered of it is dropped');
      epoch = current;
      forget();
    }
    await reconcile();
  }

  const stop = store.onReconnect(() => {
    reread().catch((error: unknown) => log.warn({ err: error }, 'the epoch could not be read again'));
  });
  return { current: (): string => epoch, stop };
}
