import type { Id, RoomPerson } from '@sori/contract';

/** People who came or went between two messages. */
export type Coming = {
  readonly key: string;
  readonly change: 'joined' | 'left';
  readonly names: readonly string[];
  /** The newest message at that moment: it stands below that one. */
  readonly afterSeq: number;
};

/** An open room that is on the page: who is in it now, and who came and went since it was opened. */
export type OpenRoom = {
  /** In the order of coming; null until the server has said it. */
  readonly here: readonly RoomPerson[] | null;
  /** Those among everybody who was seen here that have no account. */
  readonly guests: ReadonlySet<Id>;
  readonly comings: readonly Coming[];
};
