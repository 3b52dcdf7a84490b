import { loadavg } from 'node:os';
import { openBrowser } from './browser.js';
import type { Options } from './options.js';
import { measureCatchUp, missedEach } from './page/catch-up.js';
import { measureDrain } from './page/drain.js';
import { measureOpening } from './page/opening.js';
import { conversations } from './page/setting.js';
import { type Report, shown, type Say } from './report.js';
import { signUp, startSori } from './sori.js';
import { median, quantile } from './statistics.js';

const longestTaskMs = 50;
const catchUpMs = 1_000;
const paintMs = 100;

const longest = (tasks: readonly number[]): number => Math.max(0, ...tasks);
const asTask = (tasks: readonly number[]): string =>
  tasks.length === 0 ? `under ${longestTaskMs} ms` : shown(longest(tasks), ' ms');

/** What the page itself takes, in a real browser: to open a conversation, to catch up, and to send what was written offline. */
export async function measurePage({ queued }: Options, say: Say): Promise<Report> {
  const sori = await startSori();
  const browser = await openBrowser();
  try {
    const load = loadavg()[0] ?? NaN;
    const [me, ...others] = await signUp(sori, conversations + 1);
    if (me === undefined) throw new Error('Nobody signed up');
    say(`  opening ${conversations} conversations from what the page keeps`);
    const { page, fromDevice, fromMemory, processorMs } = await measureOpening(browser, sori, me, others);
    say(`  catching up with ${conversations * missedEach} messages in ${conversations} conversations`);
    const caughtUp = await measureCatchUp(page, sori, me, others);
    say(`  sending ${queued} messages that were written offline`);
    const drain = await measureDrain(page, sori, me, others, queued, say);
    return {
      title: 'The page, in Chromium',
      columns: ['', 'median', 'longest'],
      rows: [
        [
          'a conversation opened from the device',
          shown(median(fromDevice), ' ms'),
          shown(longest(fromDevice), ' ms'),
        ],
        ['opened once more', shown(median(fromMemory), ' ms'), shown(longest(fromMemory), ' ms')],
        [
          'a message written while it drains, until it is painted',
          shown(median(drain.writing), ' ms'),
          shown(longest(drain.writing), ' ms'),
        ],
        ['a task while the page opens, nothing waiting', '', asTask(drain.bare)],
        [`a task while it opens, ${queued} waiting`, '', asTask(drain.opening)],
        ['a task while they drain', '', asTask(drain.draining)],
      ],
      notes: [
        `By processor time of the page's main thread: ${shown(processorMs, ' ms')} to open a conversation from the device, ${shown(longest(drain.tasks), ' ms')} for the longest of ${drain.tasks.length} tasks while they drain.`,
        `${queued} messages to two people were sent in ${shown(drain.seconds, ' s')}; ${drain.draining.length} tasks over ${longestTaskMs} ms.`,
        `The load of the machine was ${shown(load)} at the beginning and ${shown(loadavg()[0] ?? NaN)} at the end.`,
      ],
      targets: [
        {
          what: `${conversations * missedEach} missed entries in ${conversations} conversations, from the network's return`,
          wanted: `under ${catchUpMs} ms`,
          measured: shown(caughtUp, ' ms'),
          holds: caughtUp < catchUpMs,
        },
        {
          what: 'a conversation from the cache is painted (nine of ten)',
          wanted: `under ${paintMs} ms`,
          measured: shown(quantile(fromDevice, 0.9), ' ms'),
          holds: quantile(fromDevice, 0.9) < paintMs,
        },
        {
          what: `the longest task while ${queued} messages drain`,
          wanted: `at most ${longestTaskMs} ms`,
          measured: asTask(drain.draining),
          holds: longest(drain.draining) <= longestTaskMs,
        },
        {
          what: 'they are in the log once, in the order of writing',
          wanted: 'yes',
          measured: drain.inOrder ? 'yes' : 'no',
          holds: drain.inOrder,
        },
      ],
      figures: {
        fromDevice,
        fromMemory,
        processorMs,
        caughtUp,
        drain: { ...drain, tasks: longest(drain.tasks) },
        load,
      },
    };
  } finally {
    await browser.close();
    await sori.stop();
  }
}
