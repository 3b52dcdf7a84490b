import { waitedFor } from '@sori/client';
import type { Clock } from './clock';
import type { Leadership, LeadershipDeps } from './leadership';
import { leadByLease } from './lease';

export const locksOf = (): LockManager | null => {
  try {
    return 'locks' in navigator ? navigator.locks : null;
  } catch {
    return null;
  }
};

/**
 * One tab of all that share a name leads, and another one follows when it closes. By Web Locks; on plain http in a LAN
 * browsers have none, and a lease in localStorage does it: two may then lead for a moment, which costs a repeated try
 * (the server knows it by its `clientId`) and nothing else.
 */
export const lead = (deps: LeadershipDeps): Leadership => {
  const locks = locksOf();
  return locks === null ? leadByLease(deps) : leadByLock(deps, locks);
};

/** Whether some tab has it, this one or another. False also where the browser does not say. */
const isHeld = async (locks: LockManager, name: string, clock: Clock): Promise<boolean> => {
  let held: LockInfo[] = [];
  const asked = (async () => {
    held = (await locks.query()).held ?? [];
  })();
  await waitedFor(clock, asked);
  return held.some((lock) => lock.name === name);
};

/** So long a lock is waited for before it is asked whether anybody has it. */
const doubtMs = 1_500;

const leadByLock = (deps: LeadershipDeps, locks: LockManager): Leadership => {
  const { name, clock, changed } = deps;
  let leading = false;
  let stopped = false;
  let isWanted = false;
  /** Where the browser has locks that it forbids, or never gives. */
  let lease: Leadership | null = null;
  let release: () => void = () => undefined;

  const leaseInstead = () => {
    if (stopped || lease !== null) return;
    cancelDoubt();
    lease = leadByLease(deps);
    if (isWanted && !lease.leads()) lease.take();
    if (lease.leads()) changed();
  };

  const request = (options: LockOptions) => {
    let wasGiven = false;
    const given = () => {
      if (stopped || lease !== null) return undefined;
      wasGiven = true;
      leading = true;
      cancelDoubt();
      changed();
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    };
    const asked = (async () => {
      await locks.request(name, options, given);
    })();
    asked.catch(() => {
      leading = false;
      // Another tab took it: stand in line again. What was refused at once would be so for ever.
      if (!wasGiven) leaseInstead();
      else if (!stopped) request({});
    });
  };
  // Whoever waits behind another tab waits for that one; behind nobody, the browser does not give it.
  const cancelDoubt = clock.after(doubtMs, () => {
    void isHeld(locks, name, clock).then((held) => {
      if (!held && !leading) leaseInstead();
    });
  });
  request({});

  return {
    leads: () => lease?.leads() ?? leading,
    take: () => {
      isWanted = true;
      if (lease !== null) lease.take();
      else if (!leading && !stopped) request({ steal: true });
    },
    stop: () => {
      stopped = true;
      leading = false;
      cancelDoubt();
      lease?.stop();
      release();
    },
  };
};

/** Tells the other tabs of the same origin. Where there is no BroadcastChannel, or it is forbidden, nobody is told. */
export type Channel<Notice> = { post: (notice: Notice) => void; stop: () => void };

export const openChannel = <Notice>(name: string, received: (notice: Notice) => void): Channel<Notice> => {
  let channel: BroadcastChannel;
  try {
    channel = new BroadcastChannel(name);
  } catch {
    return { post: () => undefined, stop: () => undefined };
  }
  // Only our own pages, of the same build or its neighbour, speak on it.
  channel.onmessage = (event: MessageEvent<Notice>) => received(event.data);
  return {
    post: (notice) => {
      try {
        channel.postMessage(notice);
      } catch {
        // The other tabs hear of it by the log.
      }
    },
    stop: () => channel.close(),
  };
};
