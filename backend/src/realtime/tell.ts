import type { Notice, NoticeName, SessionEnd } from '@sori/contract';

/**
 * How a feature speaks to the sockets of people, without knowing any. Best effort: nobody waits for it, nothing fails
 * by it. Who may hear what is decided by the caller.
 */
export interface Tell {
  /** To every socket of these people that speaks Sori (`auth.protocol: 1`). */
  people<Name extends NoticeName>(userIds: Iterable<string>, name: Name, notice: Notice<Name>): void;
  /** To every tutorial client of these people. */
  tutorial<Name extends NoticeName>(userIds: Iterable<string>, name: Name, notice: Notice<Name>): void;
  /** Tells the sockets of this session, and only those, that it ended, and closes them. */
  endSession(sessionId: string, reason: SessionEnd['reason']): void;
}
