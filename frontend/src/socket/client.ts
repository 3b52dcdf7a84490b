/** Everything behind the page that is not visible: the one socket, the store, and those who keep the store right. */
export type Client = {
  /** Asks who is signed in and connects. Call once, in `main.tsx`. Returns what stops it all. */
  start: () => () => void;
};

export const createClient = (): Client => ({ start: () => () => undefined });
