import type { Options } from './options.js';
import type { Report, Say } from './report.js';
import { calibrate, calm, many, measureHearing } from './scale/calibrate.js';
import { check, checkOne } from './scale/check.js';
import type { UnitCosts } from './scale/costs.js';
import { type Deployment, startDeployment } from './scale/deployment.js';
import { peopleOfPlacement, spread, warmUp } from './scale/measure.js';
import { checkReport, costsReport, sizesReport } from './scale/reports.js';

/**
 * What one message costs, what a model of a few queues makes of that for one, two and three servers beside what real ones do, and
 * what it asks for with many people.
 */
export async function measureScale({ seconds, rounds }: Options, say: Say): Promise<Report[]> {
  const times = { seconds, rounds };
  const calibrated = await calibrate(times, say);

  say('scale: two servers');
  const two = await startDeployment({ servers: 2, people: 3 * peopleOfPlacement });
  const onTwo = await waysOn(two);
  const { hear, generatorOnce, failures } = await measureHearing(two, calibrated, times);
  const costs: UnitCosts = {
    ...calibrated.costs,
    hear,
    generatorDelivery: { ...calibrated.costs.generatorDelivery, once: generatorOnce },
  };
  const found = checkOne(costs, [
    ...calibrated.others,
    { load: { inFlight: many }, sample: calibrated.samples.many },
  ]);
  found.push(...(await check(two, costs, onTwo, times)));
  await two.stop();

  say('scale: three servers');
  const three = await startDeployment({ servers: 3, people: 2 * peopleOfPlacement });
  found.push(...(await check(three, costs, await waysOn(three), times)));
  await three.stop();

  const measured = { ...calibrated, costs };
  return [
    costsReport(measured),
    checkReport(found, [...calibrated.failures, ...failures]),
    sizesReport(measured),
  ];
}

/** Each pair at one server, and each across two. The servers are warm then, also in hearing of each other. */
async function waysOn(deployment: Deployment) {
  const [near, far] = [await spread(deployment, false), await spread(deployment, true)];
  await warmUp(deployment, far);
  return [
    { crossing: false, placement: near, load: { inFlight: many } },
    { crossing: true, placement: far, load: { inFlight: many } },
    { crossing: true, placement: far, load: calm },
  ];
}
