import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Config } from '../config.js';
import { connectDatabase, type Store } from '../database/connect.js';
import { engineUri, launchDatabase, type LaunchLog } from '../database/embedded/launch.js';
import { dataFrom } from '../database/embedded/machine.js';
import { ProgramTooOldError, requireProgram } from '../schema/versions.js';

/** The database of a server, for a tool beside it. */
export interface OpenStore {
  store: Store;
  close: () => Promise<void>;
}

const Run = z.object({ socketPath: z.nullable(z.string()) });
const quiet: LaunchLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Where the server that `run.json` names has its database. A server that was killed has left its file behind. */
async function runningSocket(dataDir: string): Promise<string | null> {
  try {
    return Run.parse(JSON.parse(await readFile(join(dataDir, 'run.json'), 'utf8'))).socketPath;
  } catch {
    // None, or half of one: nothing that could tell us runs here, and what guards the data is the engine's own lock.
    return null;
  }
}

/**
 * Opens the database that a server with these settings uses: through the server that runs, or by itself where none does.
 * @throws Error where there is no data (a tool makes none), DatabaseInUseError where one runs that cannot be reached,
 * NoDatabaseError where nothing can open the data, ProgramTooOldError where a newer program has changed it.
 */
export async function openStore({
  mongodbUri,
  dataDir,
}: Pick<Config, 'mongodbUri' | 'dataDir'>): Promise<OpenStore> {
  const connectTo = async (uri: string): Promise<OpenStore> => {
    const store = await connectDatabase(uri);
    try {
      await requireProgram(store.connection);
    } catch (error) {
      await store.close();
      throw error;
    }
    return { store, close: () => store.close() };
  };
  if (mongodbUri !== undefined) return connectTo(mongodbUri);
  const socket = await runningSocket(dataDir);
  if (socket !== null) {
    const running = await connectTo(engineUri(socket)).catch((error: unknown) => {
      if (error instanceof ProgramTooOldError) throw error;
      return null;
    });
    if (running) return running;
  }
  if (dataFrom(dataDir) === null)
    throw new Error(`There is no data in ${dataDir} (DATA_DIR): no server has run with it yet.`);
  const database = await launchDatabase({ dataDir, log: quiet });
  try {
    const { store } = await connectTo(database.uri);
    return {
      store,
      async close() {
        await store.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
