import { randomUUID } from 'node:crypto';
import type { Connection } from 'mongoose';
import { upsert } from './duplicate-key.js';

interface LeaseRow {
  _id: string;
  owner: string;
  expiresAt: Date;
}

export interface LeaseOptions {
  /** How long it lasts without being renewed, in milliseconds: so long others wait for a holder that was killed. */
  ms?: number;
}

/** Whoever held it did not renew it for so long that it may be another's. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

export interface Lease {
  /**
   * Runs `work` while the lease is held, and renews it meanwhile. `lost` is aborted where that could not be done in time:
   * then another server may do the same, so whatever is done under a lease is such that twice is once.
   * @returns false where another one has the lease: nothing was done
   */
  hold(work: (lost: AbortSignal) => Promise<void>): Promise<boolean>;
}

/** A right that one of all servers on a database has at a time. What counts is the database's clock. */
export function leaseOn(connection: Connection, name: string, { ms = 6_000 }: LeaseOptions = {}): Lease {
  const rows = connection.collection<LeaseRow>('leases');

  async function takeOnce(owner: string): Promise<boolean> {
    // In an update and not in the filter: an upsert takes no expression there.
    const isFree = {
      $or: [{ $eq: [{ $ifNull: ['$owner', owner] }, owner] }, { $lte: ['$expiresAt', '$$NOW'] }],
    };
    const row = await rows.findOneAndUpdate(
      { _id: name },
      [
        {
          $set: {
            owner: { $cond: [isFree, owner, '$owner'] },
            expiresAt: { $cond: [isFree, { $add: ['$$NOW', ms] }, '$expiresAt'] },
          },
        },
      ],
      { upsert: true, returnDocument: 'after' },
    );
    return row?.owner === owner;
  }

  /** Takes it, or renews it. */
  const take = (owner: string): Promise<boolean> => upsert(() => takeOnce(owner));

  return {
    async hold(work) {
      const owner = randomUUID();
      let renewedAt = performance.now();
      if (!(await take(owner))) return false;
      const lost = new AbortController();
      let renewing = false;

      async function renew(): Promise<void> {
        if (renewing) return;
        renewing = true;
        const at = performance.now();
        try {
          if (await take(owner)) renewedAt = at;
          else lost.abort(new LeaseLostError(`Another server has the lease "${name}"`));
        } catch {
          // Nobody else reaches the database either, or it is reached the next time.
        } finally {
          renewing = false;
        }
      }
      const timer = setInterval(() => {
        if (performance.now() - renewedAt > ms)
          lost.abort(new LeaseLostError(`The lease "${name}" could not be renewed in time`));
        else void renew();
      }, ms / 3).unref();
      try {
        await work(lost.signal);
      } finally {
        clearInterval(timer);
        // Where that fails, it runs out.
        await rows.deleteOne({ _id: name, owner }).catch(() => undefined);
      }
      return true;
    },
  };
}
