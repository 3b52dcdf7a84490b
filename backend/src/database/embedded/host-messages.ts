/** What a database host (a child process) sends the server that started it. */
export type HostMessage =
  | { type: 'ready' }
  /**
   * `in-use`: another process holds the data. `cannot-load`: this kind of host does not run on this machine.
   * `no-sockets`: the file system cannot hold a Unix socket. `other`: anything else, in the database's own words.
   */
  | { type: 'failed'; reason: FailureReason; message: string };

export type FailureReason = 'in-use' | 'cannot-load' | 'no-sockets' | 'other';
