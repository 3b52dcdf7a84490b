import { parsedJson } from '../store/json';
import { createClientId } from './clientId';
import type { Clock } from './clock';

/** A lease is renewed that often, and counts for three times as long. */
const renewMs = 2_000;

export type Leadership = {
  leads: () => boolean;
  /** Takes it from whichever tab has it. */
  take: () => void;
  stop: () => void;
};

type Deps = {
  name: string;
  clock: Clock;
  /** This tab leads from now on. Not called for one that leads from the start. */
  changed: () => void;
};

/**
 * One tab of all that share a name leads, and another one follows when it closes. By Web Locks; on plain http in a LAN
 * browsers have none, and a lease in localStorage does it: two may then lead for a moment, which costs a repeated try
 * (the server knows it by its `clientId`) and nothing else.
 */
export const lead = (deps: Deps): Leadership =>
  typeof navigator !== 'undefined' && 'locks' in navigator ? leadByLock(deps) : leadByLease(deps);

const leadByLock = ({ name, changed }: Deps): Leadership => {
  let leading = false;
  let stopped = false;
  let release: () => void = () => undefined;

  const request = (options: LockOptions) => {
    navigator.locks
      .request(name, options, () => {
        if (stopped) return undefined;
        leading = true;
        changed();
        return new Promise<void>((resolve) => {
          release = resolve;
        });
      })
      .catch(() => {
        // Another tab took it: stand in line again.
        leading = false;
        if (!stopped) request({});
      });
  };
  request({});

  return {
    leads: () => leading,
    take: () => {
      if (!leading && !stopped) request({ steal: true });
    },
    stop: () => {
      stopped = true;
      leading = false;
      release();
    },
  };
};

type Lease = { holder: string; until: number };

const leadByLease = ({ name, clock, changed }: Deps): Leadership => {
  const key = `sori:lease:${name}`;
  const holder = createClientId();
  let leading = false;
  let started = false;
  let cancel: () => void = () => undefined;

  const read = (): Lease | null => {
    const value = parsedJson(localStorage.getItem(key)) as Partial<Lease> | null | undefined;
    return typeof value?.holder === 'string' && typeof value.until === 'number'
      ? { holder: value.holder, until: value.until }
      : null;
  };
  const hold = () => {
    const lease: Lease = { holder, until: clock.now() + 3 * renewMs };
    localStorage.setItem(key, JSON.stringify(lease));
    if (leading) return;
    leading = true;
    if (started) changed();
  };
  const renew = () => {
    const lease = read();
    if (lease === null || lease.holder === holder || lease.until < clock.now()) hold();
    else leading = false;
    cancel = clock.after(renewMs, renew);
  };
  renew();
  started = true;

  return {
    leads: () => leading && read()?.holder === holder,
    take: hold,
    stop: () => {
      cancel();
      if (leading && read()?.holder === holder) localStorage.removeItem(key);
      leading = false;
    },
  };
};

/** Tells the other tabs of the same origin. Where there is no BroadcastChannel, nobody is told. */
export type Channel<News> = { tell: (news: News) => void; stop: () => void };

export const openChannel = <News>(name: string, heard: (news: News) => void): Channel<News> => {
  if (typeof BroadcastChannel === 'undefined') return { tell: () => undefined, stop: () => undefined };
  const channel = new BroadcastChannel(name);
  // Only our own pages, of the same build or its neighbour, speak on it.
  channel.onmessage = (event: MessageEvent<News>) => heard(event.data);
  return { tell: (news) => channel.postMessage(news), stop: () => channel.close() };
};
