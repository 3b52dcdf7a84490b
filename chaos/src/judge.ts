import { check, type Verdict } from './check.js';
import { checkFiles } from './check-files.js';
import { fsck, readAll, readLog, viewsOf } from './collect.js';
import type { Device } from './device.js';
import type { Answered } from './evidence.js';
import type { Person } from './person.js';
import type { Recorder } from './recorder.js';
import type { System } from './system.js';
import { sleep } from './time.js';

/** Projections may lag behind for as long as this, at rest. */
const looks = 6;
const betweenLooksMs = 500;

export interface JudgeDeps {
  store: System['store'];
  devices: readonly Device[];
  people: readonly Person[];
  recorder: Recorder;
  conversations: ReadonlyMap<string, readonly string[]>;
  groups: ReadonlySet<string>;
}

/** Reads all that the servers say and all that lies in the database, and holds what was seen against it. */
export async function judge({
  store,
  devices,
  people,
  recorder,
  conversations,
  groups,
}: JudgeDeps): Promise<{ verdict: Verdict; fsckSaid: string }> {
  // What the server says of itself, before anybody else reads the database.
  let verdict: Verdict | undefined;
  for (let look = 1; look <= looks; look += 1) {
    const answered: Answered[] = [];
    for (const person of people) {
      const device = devices.find((one) => one.person === person);
      const ids = person.places.map(({ conversationId }) => conversationId);
      if (device) answered.push(...(await readAll(device.restCall, person._id, ids)));
    }
    const log = await readLog(store);
    verdict = check({
      conversations,
      groups,
      log,
      intents: recorder.intents,
      comings: recorder.comings,
      delivered: recorder.delivered,
      reached: recorder.reached,
      views: viewsOf(devices, log),
      answered,
      receipts: recorder.receipts(),
      noticed: recorder.noticed,
    });
    if (verdict.violations.length === recorder.noticed.length) break;
    await sleep(betweenLooksMs);
  }
  if (!verdict) throw new Error('Nothing was checked');
  const compared = await checkFiles({
    intents: recorder.intents,
    devices,
    log: await readLog(store),
    verdict,
  });
  verdict.compared.set('files', compared);
  const { clean, said } = await fsck(store);
  if (!clean) verdict.violations.push({ rule: 'fsck', what: said });
  return { verdict, fsckSaid: said.split('\n')[0] ?? '' };
}
