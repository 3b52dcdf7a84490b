import type { Logger } from 'pino';
import type { Store } from '../database/connect.js';

/** What a migration works with. */
export interface MigrationWork {
  /** The patient connection is `store.upkeep`: what is large goes over that one. */
  store: Store;
  log: Logger;
  /**
   * To be called between two batches, with how many rows were changed.
   * @throws where the work has to stop here. The next server, or the next start, takes it up.
   */
  changed: (rows: number) => void;
}

/**
 * One step from an older form of the stored data to a newer one. It adds; what only the old form needs is removed by another
 * one, a release later, because servers of the release before may still run. It is done by one server at a time, but it may
 * stop anywhere and begin again, also while another one still does it: so twice is once, and its filter finds what is left.
 */
export interface Migration {
  /** 1, 2, 3… without gaps. */
  number: number;
  name: string;
  /** The server may serve before it is done: everything is right with rows of either form. */
  meanwhile: boolean;
  /** The oldest program that understands the data from here on; kept before anything is changed. Default: whichever did. */
  oldestProgram?: number;
  run: (work: MigrationWork) => Promise<void>;
  /**
   * Asked at each start, so by an index: whether a server of the release before, which ran beside this one or after it, has
   * left rows in the old form. Then it is run again.
   */
  isLeft?: (store: Store) => Promise<boolean>;
}
