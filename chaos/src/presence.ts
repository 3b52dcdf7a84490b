import type { LogRow } from './evidence.js';
import type { Device } from './device.js';
import { isInNow, staysOf } from './membership.js';
import type { Person } from './person.js';
import type { Recorder } from './recorder.js';
import { sleep } from './time.js';

/** At rest presence is right within so many milliseconds. */
export const rightWithinMs = 15_000;
const betweenLooksMs = 250;
/** They leave for good, as far as the others know: longer than anybody could take for a bad line. */
const everyNth = 3;

/** Whether two people receive each other's presence: they have written to each other, or are in a group together now. */
export type MaySee = (viewerId: string, userId: string) => boolean;

/** Where nothing is written any more, the log tells who shares something with whom. */
export function maySeeBy(people: readonly Person[], log: ReadonlyMap<string, readonly LogRow[]>): MaySee {
  const known = new Set<string>();
  for (const { _id, places } of people) {
    for (const { conversationId, otherId, isGroup } of places) {
      const rows = log.get(conversationId);
      if (!rows) continue;
      if (!isGroup) known.add(`${_id} ${otherId}`);
      else {
        const stays = staysOf(rows);
        const members = people.filter((person) => isInNow(stays, person._id));
        for (const one of members) for (const other of members) known.add(`${one._id} ${other._id}`);
      }
    }
  }
  return (viewerId, userId) => viewerId !== userId && known.has(`${viewerId} ${userId}`);
}

export interface PresenceDeps {
  devices: readonly Pick<Device, 'name' | 'userId' | 'isConnected' | 'seenOnline'>[];
  people: readonly Person[];
  maySee: MaySee;
  recorder: Pick<Recorder, 'notice' | 'count'>;
}

/**
 * What devices show wrongly of who is online, in words. Whom somebody shares nothing with any more may be remembered by a page
 * that knew them, and is in no new list.
 */
export function wrongNow(
  { devices, people, maySee }: PresenceDeps,
  whoseListsAreNew: ReadonlySet<string>,
): string[] {
  const connected = new Set(devices.filter((device) => device.isConnected()).map(({ userId }) => userId));
  const wrong: string[] = [];
  for (const { name, userId, isConnected, seenOnline } of devices) {
    if (!isConnected()) continue;
    const seen = seenOnline();
    if (!seen) {
      wrong.push(`${name} was not told who is online`);
      continue;
    }
    for (const { _id, name: other } of people) {
      const shares = maySee(userId, _id);
      if (!shares && !whoseListsAreNew.has(name)) continue;
      const wanted = shares && connected.has(_id);
      if (seen.has(_id) !== wanted) wrong.push(`${name} is shown ${other} ${wanted ? 'offline' : 'online'}`);
    }
  }
  return wrong;
}

/** Waits until everybody is shown right, and notices where that takes too long. */
async function untilRight(
  deps: PresenceDeps,
  when: string,
  whoseListsAreNew: ReadonlySet<string>,
): Promise<void> {
  const began = performance.now();
  for (;;) {
    const wrong = wrongNow(deps, whoseListsAreNew);
    const took = performance.now() - began;
    if (wrong.length === 0) {
      deps.recorder.count(`rest: presence was right ${when} after (ms)`, Math.round(took));
      return;
    }
    if (took > rightWithinMs) {
      const what = `${when}, ${wrong.length} are shown wrongly after ${rightWithinMs} ms: ${wrong.slice(0, 10).join('; ')}`;
      deps.recorder.notice({ rule: 'presence', what });
      return;
    }
    await sleep(betweenLooksMs);
  }
}

export interface PresenceCheckDeps extends Omit<PresenceDeps, 'devices'> {
  devices: readonly Device[];
}

/**
 * Everybody is there; then some go with all their devices; then they come back.
 * @returns how many times it was compared what one device shows of one person
 */
export async function checkPresence(deps: PresenceCheckDeps): Promise<number> {
  const { devices, people } = deps;
  await untilRight(deps, 'with everybody there', new Set());
  const going = new Set(people.filter((_, index) => index % everyNth === 0).map(({ _id }) => _id));
  const theirs = devices.filter(({ userId }) => going.has(userId));
  for (const device of theirs) device.leave();
  await untilRight(deps, 'where some have gone', new Set());
  for (const device of theirs) device.comeBack();
  await untilAllConnected(theirs);
  await untilRight(deps, 'where they are back', new Set(theirs.map(({ name }) => name)));
  return 3 * devices.length * (people.length - 1);
}

/** Each has a connection. Whoever gets none is noticed by what waits for it. */
export async function untilAllConnected(devices: readonly Pick<Device, 'isConnected'>[]): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!devices.every((device) => device.isConnected()) && performance.now() < deadline) await sleep(100);
}
