/** What the log has to know of other servers on the same database. */
export interface OtherServers {
  /** Others write here, or did within the last day: what they left behind has the times of their clocks. */
  areThere(): boolean;
  /** They say what they append, and are heard. */
  areHeard: () => boolean;
  /** This machine's clock less the database's, in milliseconds. */
  clockSkewMs(): number;
  /** True where every server that is alive reads entries of this kind. */
  everyServerReads(kind: string): boolean;
  /** Calls back each time that one of them has gone without a word. */
  onVanished(callback: (serverId: string) => void): void;
}

/** An embedded database has one server. */
export const noOtherServers: OtherServers = {
  areThere: () => false,
  areHeard: () => false,
  clockSkewMs: () => 0,
  everyServerReads: () => true,
  onVanished: () => undefined,
};

/** So far from the database's clock, in milliseconds, a server writes every head before it answers. */
export const farSkewMs = 30_000;
