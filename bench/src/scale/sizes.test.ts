import { type Measured, sizeOf } from './sizes.js';

const cost = (each: number) => ({ each, once: 0 });
/** About what a small machine gives. */
const measured: Measured = {
  costs: {
    send: cost(100),
    delivery: 15,
    publish: cost(40),
    hear: cost(60),
    store: cost(80),
    pass: cost(20),
    generatorSend: cost(0),
    generatorDelivery: cost(0),
    journal: 1_000,
    idle: { server: 0, database: 0, redis: 0 },
  },
  travelling: { sent: 200, returned: 800, delivered: 400, toRedis: 1_200, fromRedis: 1_200 },
  stored: { entries: 1, entry: 400, entryOnDisk: 400, entryIndexes: 200, conversation: 250 },
  heads: { server: 5, database: 5 },
  held: { bytes: 30_000, connectUs: 700 },
  elsewhere: { bytes: 1_500, arrivalUs: 10, publishedBytes: 450, heartbeatUs: 10 },
  counting: 30,
};

test('few people need one server, and nothing of what servers tell each other', () => {
  expect(sizeOf(10_000, measured)).toMatchObject({ servers: 1, gossip: 0, redisBusy: 0, shards: 1 });
});

test('twice as many people need about twice as many servers, and store twice as much', () => {
  const [one, two] = [sizeOf(1_000_000, measured), sizeOf(2_000_000, measured)];
  expect(two.servers).toBeGreaterThan((one.servers ?? 0) * 1.7);
  expect(two.bytesADay).toBeCloseTo(2 * one.bytesADay);
});

test('where everybody’s coming is told to every server, there are people for whom no number of servers would do', () => {
  const servers = (elsewhere: Partial<Measured['elsewhere']>): number | undefined =>
    sizeOf(100_000_000, { ...measured, elsewhere: { ...measured.elsewhere, ...elsewhere } }).servers;
  expect(servers({ bytes: 0 })).toBeUndefined();
  expect(servers({ arrivalUs: 0 })).toBeUndefined();
  expect(servers({ bytes: 0, arrivalUs: 0 })).toBeGreaterThan(100);
});
