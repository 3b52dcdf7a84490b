/** A reload takes a second or two; nobody is to see a dot go out and on for it. */
export const graceMs = 5_000;
/** One change per person in this time, so that a bad connection does not flicker on everybody else's screen. */
export const gapMs = 2_000;

export interface PresentSocket {
  socketId: string;
  userId: string;
  speaksSori: boolean;
}

/** What is known of a person who is online, or was until a moment ago. */
export interface Present {
  sockets: Set<string>;
  /** The other servers that have a socket of theirs. */
  elsewhere: Set<string>;
  soriSockets: Set<string>;
  /** What others are shown. It follows `sockets` with the grace and the gap above. */
  shown: boolean;
  changedAt: number;
  /** Whom this person blocks, or (false) no longer does. Read once, on coming online, together with who is around them. */
  blocks: Map<string, boolean>;
  loading: Promise<void> | undefined;
  /** It is known whom they block: here or on the server that has their sockets it was read. */
  loaded: boolean;
  /** It was read here with whom they share something. */
  listed: boolean;
  /** Sori sockets that have not had their list yet. */
  unlisted: Set<string>;
  cancelSettle: (() => void) | undefined;
  cancelRetry: (() => void) | undefined;
}

export const newPresent = (): Present => ({
  sockets: new Set(),
  elsewhere: new Set(),
  soriSockets: new Set(),
  shown: false,
  changedAt: -Infinity,
  blocks: new Map(),
  loading: undefined,
  loaded: false,
  listed: false,
  unlisted: new Set(),
  cancelSettle: undefined,
  cancelRetry: undefined,
});

/** On any server. */
export const isConnected = ({ sockets, elsewhere }: Present): boolean => sockets.size + elsewhere.size > 0;
