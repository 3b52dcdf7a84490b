/** The benchmark's program: `npm run bench`. What it measures and how: docs/benchmarks.md. */
import { measureFanout } from './fanout.js';
import { measureFiles } from './files.js';
import { measureGroup } from './group.js';
import { measureGrown } from './grown.js';
import { measureHistory } from './history.js';
import { measureHostile } from './hostile.js';
import { describeMachine, machineAsText } from './machine.js';
import { help, type Options, readOptions, type Scenario, UsageError } from './options.js';
import { endAll } from './processes.js';
import { asText, type Report, type Say } from './report.js';
import { measurePage } from './page.js';
import { besideRecorded, newestRecorded, record } from './results.js';
import { measureScale } from './scale.js';
import { measureSend } from './send.js';
import { measureServers } from './servers.js';
import { measureSockets } from './sockets.js';

const measure: Record<Scenario, (options: Options, say: Say) => Promise<Report[]>> = {
  send: async (options, say) => [await measureSend(options, say)],
  history: measureHistory,
  sockets: async (options, say) => [await measureSockets(options, say)],
  group: async (options, say) => [await measureGroup(options, say)],
  fanout: async (options, say) => [await measureFanout(options, say)],
  files: async (options, say) => [await measureFiles(options, say)],
  hostile: async (options, say) => [await measureHostile(options, say)],
  servers: async (options, say) => [await measureServers(options, say)],
  scale: measureScale,
  grown: async (options, say) => [await measureGrown(options, say)],
  page: async (options, say) => [await measurePage(options, say)],
};

async function run(options: Options): Promise<boolean> {
  // With --json the words go where they do not get between the figures.
  const say: Say = (line) => void (options.json ? process.stderr : process.stdout).write(`${line}\n`);
  const machine = describeMachine();
  say(`${machineAsText(machine)}, load ${machine.loadBefore.toFixed(1)}, ${machine.date}`);
  const reports: Report[] = [];
  for (const scenario of options.scenarios) {
    const former = newestRecorded(scenario);
    const measured = await measure[scenario](options, say);
    reports.push(...measured);
    for (const [index, report] of measured.entries())
      say(asText(former ? besideRecorded(report, index, former, machine) : report));
    if (!options.record) continue;
    const command = process.argv.slice(2).join(' ');
    say(`Recorded: ${record({ scenario, command, machine, reports: measured })}`);
  }
  if (options.json) {
    const measured = reports.map(({ title, figures, targets }) => ({ title, figures, targets }));
    process.stdout.write(`${JSON.stringify({ machine, reports: measured }, null, 2)}\n`);
  }
  return reports.every(({ targets }) => targets.every(({ holds }) => holds));
}

// Whatever happens, what was started ends and what was made is removed.
process.on('exit', endAll);
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.on(signal, () => {
    process.stderr.write(`Stopped by ${signal}\n`);
    process.exit(code);
  });
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(help);
    process.exit(0);
  }
  process.exit((await run(options)) ? 0 : 1);
} catch (error) {
  if (error instanceof UsageError) process.stderr.write(`${error.message}\n\n${help}`);
  else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(error instanceof UsageError ? 64 : 70);
}
