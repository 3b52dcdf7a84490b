import { cpus } from 'node:os';
import type { OfOneServer } from './calibrate.js';
import type { UnitCosts } from './costs.js';
import type { Deployment } from './deployment.js';
import { type Case, measureInTurn, type Sample, sum, type Times } from './measure.js';
import { type Outcome, type Setting, simulate } from './simulate.js';

/** What the model says of a load, beside what real servers do with it. */
export interface Checked {
  name: string;
  setting: Setting;
  predicted: Outcome;
  measured: Outcome;
  failures: readonly string[];
}

const outcomeOf = (sample: Sample): Outcome => ({
  perSecond: sample.perSecond,
  cpuUs: {
    servers: sum(sample.servers),
    database: sample.database,
    redis: sample.redis,
    generator: sample.generator,
  },
  batch: sample.batch,
  deliveryMs: sample.deliveryMs,
});

function beside(
  costs: UnitCosts,
  servers: number,
  crossing: boolean,
  { load, sample }: OfOneServer,
): Checked {
  const setting: Setting = { servers, crossing, redis: true, load, cores: cpus().length };
  const how = 'inFlight' in load ? `${load.inFlight} in flight` : `${load.perSecond} a second`;
  const way = servers === 1 ? '' : crossing ? ', crossing' : ', each pair together';
  return {
    name: `${servers} server${servers === 1 ? '' : 's'}${way}, ${how}`,
    setting,
    predicted: simulate(costs, setting),
    measured: outcomeOf(sample),
    failures: sample.failures,
  };
}

export const checkOne = (costs: UnitCosts, measured: readonly OfOneServer[]): Checked[] =>
  measured.map((one) => beside(costs, 1, false, one));

/** Each load on these servers, which are warm. */
export async function check(
  deployment: Deployment,
  costs: UnitCosts,
  ways: readonly (Case & { crossing: boolean })[],
  times: Times,
): Promise<Checked[]> {
  const samples = await measureInTurn(deployment, ways, times);
  return samples.flatMap((sample, index) => {
    const way = ways[index];
    return way ? [beside(costs, deployment.addresses.length, way.crossing, { ...way, sample })] : [];
  });
}
