import { mongo } from 'mongoose';
import { cpuMsOf } from '../processes.js';
import { at } from '../send/case.js';
import { openSocket, type Person } from '../sori.js';
import type { Deployment } from './deployment.js';

/** Of one conversation, each time that somebody is told where all of theirs end; microseconds of processor time. */
export interface HeadsCost {
  server: number;
  database: number;
}

const conversations = 500;
const times = 40;

/** Direct conversations with people who are not there, as the server has them. */
async function acquaint(databaseUri: string, { _id }: Person): Promise<void> {
  const client = await mongo.MongoClient.connect(databaseUri);
  const now = new Date();
  const rows = Array.from({ length: conversations }, () => ({
    _id: new mongo.ObjectId(),
    kind: 'direct',
    participants: [new mongo.ObjectId(_id), new mongo.ObjectId()],
    createdAt: now,
    appliedSeq: 1,
    lastMessageSeq: 1,
    headAt: now,
    lastActivityAt: now,
  }));
  await client.db().collection<{ _id: mongo.ObjectId }>('conversations').insertMany(rows);
  await client.close();
}

/** What somebody takes who comes again and again while another socket of theirs stays. */
async function coming(deployment: Deployment, person: Person): Promise<HeadsCost> {
  const address = at(deployment.addresses, 0);
  const stays = await openSocket({ address }, person);
  const come = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index += 1) (await openSocket({ address }, person)).disconnect();
  };
  const cpu = (): HeadsCost => ({
    server: cpuMsOf(at(deployment.serverPids(), 0)),
    database: cpuMsOf(deployment.databasePid()),
  });
  await come(5);
  const before = cpu();
  await come(times);
  const after = cpu();
  stays.disconnect();
  const us = (name: keyof HeadsCost): number => ((after[name] - before[name]) * 1_000) / times;
  return { server: us('server'), database: us('database') };
}

/** Somebody with many conversations beside somebody with none: all heads are read when a socket comes, as they are every 30 s. */
export async function measureHeads(deployment: Deployment): Promise<HeadsCost> {
  const [none, many] = deployment.newPeople(2);
  if (!none || !many) throw new Error('Two people are needed');
  await acquaint(deployment.databaseUri, many);
  const less = await coming(deployment, none);
  const more = await coming(deployment, many);
  return {
    server: Math.max(0, more.server - less.server) / conversations,
    database: Math.max(0, more.database - less.database) / conversations,
  };
}
