import { fileURLToPath } from 'node:url';
import { startProgram } from '@sori/testkit';
import { startBareInserts } from './bare/insert-many.js';
import type { Options } from './options.js';
import type { Report, Say } from './report.js';
import { expressEchoCase, insertsCase, singleInsertsCase, socketEchoCase } from './send/bare-cases.js';
import { targetInFlight, text } from './send/case.js';
import { reportOf } from './send/report.js';
import { soriCases } from './send/sori-cases.js';
import { startSori } from './sori.js';

/**
 * Sends a second and delivery latency. The cases are gone through one after the other, several times: what else the machine
 * does meanwhile falls on all of them, and a ratio is the median of the ratios within each round.
 */
export async function measureSend(options: Options, say: Say): Promise<Report> {
  say('\nsend: starting the server, the bare ones beside it, and signing up 32 people');
  const sori = await startSori(options.profile);
  const socketEcho = startProgram(fileURLToPath(new URL('./bare/socket-echo.js', import.meta.url)));
  const expressEcho = startProgram(fileURLToPath(new URL('./bare/express-echo.js', import.meta.url)));
  const inserts = await startBareInserts(text);
  const ours = await soriCases(sori);
  const bareSocket = await socketEchoCase(socketEcho);
  const bareExpress = await expressEchoCase(expressEcho);
  const raw = insertsCase(inserts);

  const single = singleInsertsCase(inserts);

  // Each bare one right before what it is compared with.
  const [socket, rest] = ours.cases.filter(({ inFlight }) => inFlight === targetInFlight);
  const [singly] = ours.cases.filter(({ inFlight }) => inFlight === 1);
  if (!socket || !rest || !singly) throw new Error('The case of the targets is missing');
  const compared = [raw, bareSocket.one, socket, bareExpress, rest, single, singly];
  const others = options.targetsOnly ? [] : ours.cases.filter((one) => !compared.includes(one));
  const cases = [...compared, ...others];

  // Before the first round: everything is compiled, every conversation is there.
  for (const one of cases) await one.run(Math.min(1, options.seconds));
  for (let round = 1; round <= options.rounds; round += 1) {
    // A B A B: what the targets are about goes more often, and each time beside what it is compared with.
    for (const one of [...compared, ...others, ...compared]) one.samples.push(await one.run(options.seconds));
    say(`send: round ${round} of ${options.rounds}`);
  }

  ours.close();
  bareSocket.close();
  await Promise.all([sori.stop(), socketEcho.stop(), expressEcho.stop(), inserts.stop()]);
  return reportOf({ raw, bareSocket: bareSocket.one, bareExpress, socket, rest, single, singly, cases });
}
