import { createClientId } from '@sori/client';
import { deviceTexts } from './keptTexts';
import { parsedJson } from './json';
import type { Leadership, LeadershipDeps } from './leadership';

/** A lease is renewed that often, and counts for three times as long. */
const renewMs = 2_000;
const rounds = 3;

/** `until` is a time by the clock of whoever wrote it; `beat` is another number each time. */
type Lease = { holder: string; until: number; beat?: number };

const leaseIn = (text: string | null): Lease | null => {
  const value = parsedJson(text) as Partial<Lease> | null | undefined;
  return typeof value?.holder === 'string' && typeof value.until === 'number'
    ? { holder: value.holder, until: value.until }
    : null;
};

/**
 * One tab of all that share a name leads, by a row in storage that it renews. Clocks are set, and a lease that was written
 * when one was hours ahead is not to count for hours: whoever has seen it three rounds long without a change takes it,
 * whatever it says.
 */
export const leadByLease = ({ name, clock, changed }: LeadershipDeps): Leadership => {
  const key = `sori:lease:${name}`;
  const holder = createClientId();
  let leading = false;
  let started = false;
  let beat = 0;
  let seen: string | null = null;
  let unchanged = 0;
  let cancel: () => void = () => undefined;

  const holds = () => leaseIn(deviceTexts.read(key))?.holder === holder;
  const hold = () => {
    beat += 1;
    const lease: Lease = { holder, until: clock.now() + rounds * renewMs, beat };
    deviceTexts.write(key, JSON.stringify(lease));
    if (leading) return;
    leading = true;
    if (started) changed();
  };
  const renew = () => {
    const text = deviceTexts.read(key);
    unchanged = text === seen ? unchanged + 1 : 0;
    seen = text;
    const lease = leaseIn(text);
    const isFree = lease === null || lease.until < clock.now() || unchanged >= rounds;
    if (isFree || lease.holder === holder) hold();
    else leading = false;
    cancel = clock.after(renewMs, renew);
  };
  // The page that comes after this one need not wait until nobody renews it.
  const letGo = () => {
    if (leading && holds()) deviceTexts.remove(key);
    leading = false;
  };
  // Kept for Back meanwhile, its timers stood still.
  const shown = (event: PageTransitionEvent) => {
    if (!event.persisted) return;
    cancel();
    renew();
  };
  renew();
  started = true;
  window.addEventListener('pagehide', letGo);
  window.addEventListener('pageshow', shown);

  return {
    leads: () => leading && holds(),
    take: hold,
    stop: () => {
      window.removeEventListener('pagehide', letGo);
      window.removeEventListener('pageshow', shown);
      cancel();
      letGo();
    },
  };
};
