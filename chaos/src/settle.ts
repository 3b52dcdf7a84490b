import { listOf } from './collect.js';
import type { Device } from './device.js';
import type { Person } from './person.js';
import type { Recorder } from './recorder.js';
import { untilNoneLeft } from './time.js';

/** The page waits 30 s at most before it tries again. */
const outboxStuckMs = 60_000;
/** A lost push is found by a hint, every 30 s. */
const followersStuckMs = 60_000;

/** Waits until all that was written is answered and all followers have arrived. */
export async function settle(
  devices: readonly Device[],
  people: readonly Person[],
  recorder: Recorder,
  isShort: boolean,
): Promise<void> {
  const empty = (): Promise<boolean> =>
    untilNoneLeft(() => devices.reduce((sum, device) => sum + device.waiting(), 0), outboxStuckMs);
  let quiet = await empty();
  if (isShort) {
    for (const device of devices) if (device.name.endsWith('-0')) device.lastWord();
    quiet = (await empty()) && quiet;
  }
  if (!quiet) {
    const stuck = devices.filter((device) => device.waiting() > 0);
    recorder.notice({
      rule: 'quiet',
      what: `these outboxes still hold something: ${stuck.map((device) => `${device.name} ${device.waiting()}${device.isConnected() ? '' : ' (no connection)'}`).join(', ')}`,
    });
  }
  let behind: string[] = [];
  const arrived = await untilNoneLeft(async () => {
    behind = [];
    const heads = new Map<Person, Map<string, number>>();
    for (const person of people) {
      const device = devices.find((one) => one.person === person);
      if (!device) continue;
      try {
        const list = await listOf(device.restCall);
        heads.set(person, new Map(list.map(({ _id, headSeq }) => [_id, headSeq])));
      } catch (error) {
        behind.push(`${person.name} cannot read the list: ${String(error)}`);
      }
    }
    for (const device of devices) {
      for (const { conversationId, isGroup } of device.person.places) {
        const head = heads.get(device.person)?.get(conversationId) ?? 0;
        // Not in that group now: what is held of it from before is nobody's business.
        if (isGroup && head === 0) continue;
        const cursor = device.cursorOf(conversationId);
        const how = device.isFollowed(conversationId) ? '' : ' (not followed)';
        if (cursor !== head)
          behind.push(`${device.name} is at ${cursor} of ${head} in ${conversationId}${how}`);
      }
    }
    return behind.length;
  }, followersStuckMs);
  if (!arrived)
    recorder.notice({
      rule: 'quiet',
      what: `${behind.length} followers are behind: ${behind.slice(0, 10).join('; ')}`,
    });
}
