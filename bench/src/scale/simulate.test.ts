import type { UnitCosts } from './costs.js';
import { costThrough } from './costs.js';
import { type Setting, simulate } from './simulate.js';

const free = { each: 0, once: 0 };
const costs: UnitCosts = {
  send: free,
  delivery: 0,
  publish: free,
  hear: free,
  store: free,
  pass: free,
  generatorSend: free,
  generatorDelivery: free,
  journal: 1_000,
  idle: { server: 0, database: 0, redis: 0 },
};
const setting: Setting = {
  servers: 1,
  crossing: false,
  redis: true,
  load: { inFlight: 64 },
  cores: 16,
};

test('where only the server takes time, it answers as many as fit into a second of it', () => {
  const { perSecond, cpuUs } = simulate({ ...costs, send: { each: 200, once: 0 }, journal: 0 }, setting);
  expect(perSecond).toBeCloseTo(5_000, -2);
  expect(cpuUs.servers).toBeCloseTo(200, 0);
});

test('three servers answer three times as many as one, where there are processors for all of them', () => {
  const busy = { ...costs, send: { each: 200, once: 0 }, journal: 0 };
  const { perSecond } = simulate(busy, { ...setting, servers: 3 });
  expect(perSecond).toBeGreaterThan(14_500);
  expect(perSecond).toBeLessThanOrEqual(15_100);
});

test('where servers, database and generator share one processor, all that they take adds up to it', () => {
  const all = { each: 100, once: 0 };
  const shared = { ...costs, send: all, store: all, generatorSend: all };
  const { perSecond } = simulate(shared, { ...setting, servers: 3, cores: 1 });
  expect(perSecond).toBeCloseTo(1e6 / 300, -2);
});

test('what is done once for all that wait counts less the more there are', () => {
  const waking = { ...costs, send: { each: 50, once: 500 } };
  const alone = simulate(waking, { ...setting, load: { inFlight: 1 } });
  const together = simulate(waking, setting);
  expect(alone.cpuUs.servers).toBeCloseTo(550, 0);
  expect(together.cpuUs.servers).toBeLessThan(80);
});

test('a message that crosses takes Redis and the other server as well, and arrives later', () => {
  const taking = { ...costs, pass: { each: 30, once: 0 }, hear: { each: 70, once: 0 } };
  const load = { perSecond: 100 };
  const near = simulate(taking, { ...setting, servers: 2, load });
  const far = simulate(taking, { ...setting, servers: 2, crossing: true, load });
  expect(near.perSecond).toBeCloseTo(100, 0);
  expect(near.deliveryMs).toBeCloseTo(1, 2);
  expect(far.deliveryMs).toBeCloseTo(1.1, 2);
  expect(far.cpuUs.servers).toBeCloseTo(70, 0);
});

test('two loads give what is done once and what is done for each', () => {
  const cost = costThrough({ batch: 1, us: 550 }, { batch: 10, us: 100 });
  expect(cost.once).toBeCloseTo(500);
  expect(cost.each).toBeCloseTo(50);
  expect(costThrough({ batch: 1, us: 90 }, { batch: 10, us: 100 })).toEqual({ each: 100, once: 0 });
});
