/**
 * The names of Socket.IO rooms, all made here from ids that the server itself knows. No event lets a client name one, so
 * none can listen where it does not belong.
 */
export const rooms = {
  /** The sockets of a person that speak Sori. */
  person: (userId: string) => `person:${userId}`,
  /** The tutorial clients of a person. */
  tutorial: (userId: string) => `tutorial:${userId}`,
  session: (sessionId: string) => `session:${sessionId}`,
  watchers: (topic: WatchTopic) => `watching:${topic}`,
};

/** What a socket can ask to receive on top of its person's own affairs. */
export type WatchTopic = 'people';
