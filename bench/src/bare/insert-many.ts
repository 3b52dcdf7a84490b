import { mongo } from 'mongoose';
import { type Database, launchDatabase } from '../../../backend/dist/database/embedded/launch.js';
import { temporaryFolder } from '../processes.js';

/** The raw limit: what the engine takes when nothing is in front of it. */
export interface BareInserts {
  /** Documents a second, for this long, in batches of 100, one after the other, each journalled. */
  run(seconds: number): Promise<number>;
  /** One document at a time, journalled, for this long. @returns milliseconds of each */
  runSingly(seconds: number): Promise<number[]>;
  stop(): Promise<void>;
}

const batchSize = 100;
const mostBatches = 100_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** An engine of its own, started as the server starts its own, with a collection without any index but that on `_id`. */
export async function startBareInserts(text: string): Promise<BareInserts> {
  const database: Database = await launchDatabase({ dataDir: temporaryFolder(), log: silent });
  const client = await mongo.MongoClient.connect(database.uri);
  const collection = client.db().collection('bare');
  const ids = Array.from({ length: 4 }, () => new mongo.ObjectId());
  let seq = 0;

  // The fields of a message, so that the bytes to be journalled are the same.
  const row = (): mongo.OptionalId<mongo.Document> => {
    const at = new Date();
    seq += 1;
    return {
      conversationId: ids[0],
      seq,
      senderId: ids[1],
      clientId: `b-${seq}`,
      payloadHash: 'x'.repeat(43),
      at,
      messageCount: seq,
      membersVersion: 0,
      kind: 'message',
      message: text,
      receiverId: ids[2],
      attachments: [],
      reactions: [],
      updatedAt: at,
    };
  };

  const journalled = { writeConcern: { w: 1, j: true } } as const;
  return {
    async runSingly(seconds) {
      const ms: number[] = [];
      const end = performance.now() + seconds * 1_000;
      for (let began = performance.now(); began < end; began = performance.now()) {
        await collection.insertOne(row(), journalled);
        ms.push(performance.now() - began);
      }
      return ms;
    },
    async run(seconds) {
      const begin = performance.now();
      let inserted = 0;
      let elapsedMs = 0;
      for (let batch = 0; batch < mostBatches && elapsedMs < seconds * 1_000; batch += 1) {
        await collection.insertMany(Array.from({ length: batchSize }, row), {
          ordered: true,
          ...journalled,
        });
        inserted += batchSize;
        elapsedMs = performance.now() - begin;
      }
      return (inserted / elapsedMs) * 1_000;
    },
    async stop() {
      await client.close();
      await database.close();
    },
  };
}
