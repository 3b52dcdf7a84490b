/** What the router remembers on the way to the log-in page: where the person wanted to go, and why they are here. */
export type CameFrom = { from: string; sessionEnded: boolean };

/** Read with care: history outlives versions of this page. Only a path of ours is a place to go back to. */
export const cameFrom = (state: unknown): CameFrom => {
  const { from, sessionEnded } = (typeof state === 'object' && state !== null ? state : {}) as Record<
    string,
    unknown
  >;
  return {
    from: typeof from === 'string' && /^\/(?![/\\])/.test(from) ? from : '/',
    sessionEnded: sessionEnded === true,
  };
};
