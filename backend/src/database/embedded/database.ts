/** The database that runs beside this server, in a child process that is started again whenever it dies. */
export interface Database {
  /** Works for as long as the server runs, through every restart of the child. Journals what it acknowledges. */
  uri: string;
  /** The one stable path of the database's socket; null where a `mongod` on a port of 127.0.0.1 had to be used. */
  socketPath: string | null;
  /** The child that holds the data; null while there is none, between a death and the restart. */
  childPid(): number | null;
  /** Calls `listener` each time the child was restarted and can be reached again. Returns how to stop that. */
  onRestart(listener: () => void): () => void;
  /** Ends the child and waits for its end (8 s at most, then it is killed, which loses nothing acknowledged). */
  close(): Promise<void>;
}

/** What launching wants of a logger; pino's satisfies it. */
export interface LaunchLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}
