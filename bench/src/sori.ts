import { createSocket, signUp as signUpAs, type SoriSocket } from '@sori/client';
import { lineOf, startSori as start } from '@sori/testkit';
import { mongo } from 'mongoose';
import { engineUri } from '../../backend/dist/database/embedded/launch.js';
import { temporaryFolder } from './processes.js';

/** The real server, with an embedded database of its own in a fresh folder. */
export interface Sori {
  port: number;
  /** `http://127.0.0.1:…` */
  address: string;
  pid: number;
  databasePid: number | null;
  /** Where its database listens. */
  socketPath: string;
  /** Collects its garbage and tells what is left, and how late its event loop was since the last time. */
  look(): Promise<Look>;
  stop(): Promise<void>;
}

export interface Look {
  delayP99Ms: number;
  /** What its program holds, buffers outside of the heap included. */
  heapBytes: number;
  residentBytes: number;
}

/** Makes a server tell what it holds: `node --expose-gc --import`. */
export const watched = new URL('./watched.js', import.meta.url).href;

export interface Person {
  _id: string;
  /** What the cookie carries. */
  token: string;
}

/**
 * @param profileFolder where node writes a CPU profile of the server when it stops
 * @param how `limits`: with all limits as they are by default; `settings`: of the environment
 */
export async function startSori(
  profileFolder?: string,
  how: { limits?: boolean; settings?: Record<string, string> } = {},
): Promise<Sori> {
  const sori = await start({
    ...how,
    dataDir: temporaryFolder(),
    settings: { NODE_ENV: 'production', ...how.settings },
    execArgv: [
      '--expose-gc',
      '--import',
      watched,
      ...(profileFolder === undefined
        ? []
        : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`, '--enable-source-maps']),
    ],
  });
  let looks = 0;
  const { databasePid, socketPath } = sori.readRun();
  if (socketPath === null) throw new Error('This machine does not run the embedded engine');
  return {
    port: sori.port,
    address: sori.url,
    pid: sori.pid,
    databasePid,
    socketPath,
    async look() {
      looks += 1;
      const beginning = `watched ${looks} `;
      sori.child.kill('SIGUSR2');
      return JSON.parse((await lineOf(sori, beginning)).slice(beginning.length)) as Look;
    },
    stop: () => sori.stop(),
  };
}

/** Signs up this many people, a few at a time: hashing passwords is what it waits for. */
export async function signUp({ address }: Pick<Sori, 'address'>, count: number): Promise<Person[]> {
  const people: Person[] = [];
  const one = async (index: number): Promise<void> => {
    const { me, cookie } = await signUpAs(address, {
      fullName: `Bench ${index}`,
      username: `bench${index}`,
      password: 'benchmark',
      confirmPassword: 'benchmark',
    });
    people[index] = { _id: me._id, token: cookie.replace('jwt=', '') };
  };
  for (let start = 0; start < count; start += 8) {
    const size = Math.min(8, count - start);
    await Promise.all(Array.from({ length: size }, (_, offset) => one(start + offset)));
  }
  return people;
}

/** A socket as our page opens it; resolved when the server has said all that it says to a new one. */
export function openSocket({ address }: Pick<Sori, 'address'>, { token }: Person): Promise<SoriSocket> {
  const socket = createSocket({ address, token });
  socket.connect();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => refuse(new Error('A socket was not welcomed in time')), 60_000);
    const refuse = (error: Error): void => {
      clearTimeout(timer);
      socket.disconnect();
      reject(error);
    };
    socket.once('connect_error', refuse);
    // The heads are the last of it.
    socket.once('heads', () => {
      clearTimeout(timer);
      socket.off('connect_error', refuse);
      resolve(socket);
    });
  });
}

/** People who never sign in, copied from one who did: a thousand passwords would take longer than all else. */
export async function addPeople(sori: Sori, like: Person, count: number): Promise<string[]> {
  const client = await mongo.MongoClient.connect(engineUri(sori.socketPath));
  try {
    const users = client.db().collection('users');
    const found = await users.findOne({ _id: new mongo.ObjectId(like._id) });
    if (!found) throw new Error('Who signed up is not there');
    // What a name looks like is unique; the server makes it anew at its next start.
    const { usernameForm: _theirs, ...row } = found;
    const rows = Array.from({ length: count }, (_, index) => ({
      ...row,
      _id: new mongo.ObjectId(),
      username: `silent${index}`,
      usernameKey: `silent${index}`,
    }));
    await users.insertMany(rows, { writeConcern: { w: 1, j: true } });
    return rows.map(({ _id }) => _id.toHexString());
  } finally {
    await client.close();
  }
}
