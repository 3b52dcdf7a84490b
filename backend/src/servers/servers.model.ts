import type { Connection, mongo } from 'mongoose';

/** A server, as it tells the others of itself. All times are the database's. */
export interface ServerRow {
  /** Its SERVER_ID. */
  _id: string;
  /** Which process it is: another one with the same SERVER_ID has another. */
  incarnation: string;
  /** Of the program, as the contract counts them. */
  build: number;
  /** The kinds of entries that it reads. */
  kinds: string[];
  startedAt: Date;
  seenAt: Date;
}

export const serversOn = (connection: Connection): mongo.Collection<ServerRow> =>
  connection.collection<ServerRow>('servers');
