import type { Connection } from 'mongoose';

/**
 * Which program this is. Raised by a release that writes what the one before it could not read: then a migration of a later
 * release may name it as the oldest one (`oldestProgram`) that still understands the data.
 */
export const programVersion = 2;

/** What `meta` says of the data. Data without it, of before there were versions, is version 0. */
export interface Versions {
  /** The number of the last migration that is done, like all before it. */
  schemaVersion: number;
  /** The oldest program that may still run on this data. */
  oldestProgram: number;
}

interface VersionRow {
  _id: keyof Versions;
  value: number;
}

/** The data is of a time when this program is no more; the message is for the person at the terminal. */
export class ProgramTooOldError extends Error {
  override readonly name = 'ProgramTooOldError';
}

const rowsOn = (connection: Connection) => connection.collection<VersionRow>('meta');

export async function readVersions(connection: Connection): Promise<Versions> {
  const found = await rowsOn(connection)
    .find({ _id: { $in: ['schemaVersion', 'oldestProgram'] } })
    .toArray();
  const valueOf = (id: keyof Versions): number => found.find(({ _id }) => _id === id)?.value ?? 0;
  return { schemaVersion: valueOf('schemaVersion'), oldestProgram: valueOf('oldestProgram') };
}

/** Never lowers one. */
export async function raiseVersion(
  connection: Connection,
  name: keyof Versions,
  value: number,
): Promise<void> {
  await rowsOn(connection).updateOne({ _id: name }, { $max: { value } }, { upsert: true });
}

/** @throws ProgramTooOldError where this program must not touch the data */
export async function requireProgram(connection: Connection, program = programVersion): Promise<Versions> {
  const versions = await readVersions(connection);
  if (program < versions.oldestProgram) {
    throw new ProgramTooOldError(
      `The data has been changed by a newer Sori and needs at least program version ${versions.oldestProgram}, ` +
        `but this is version ${program}: install the newer Sori, or restore a backup from before it.`,
    );
  }
  return versions;
}
