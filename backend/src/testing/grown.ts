import { type Connection, Types } from 'mongoose';

/** What years of use leave in the database, put there directly: sending it would take hours. */

const writtenAtOnce = 5_000;
/** Everything here is older than what a test writes through the server. */
const began = Date.parse('2026-01-01T00:00:00.000Z');
const unjournalled = { writeConcern: { w: 1, j: false } } as const;

/** What a row has beside the fields that all have. The seq is the only thing that counts up. */
export type Grown = Record<string, unknown> & { senderId: Types.ObjectId };

export const timeAt = (seq: number): Date => new Date(began + seq);

const blank = { kind: 'message', message: 'x', attachments: [], reactions: [] };

/** Adds rows to a log, from `from` to `to`, in the form that the server gives them. */
export async function growLog(
  connection: Connection,
  conversationId: Types.ObjectId,
  [from, to]: readonly [number, number],
  rowAt: (seq: number) => Grown,
): Promise<void> {
  for (let start = from; start <= to; start += writtenAtOnce) {
    const rows = Array.from({ length: Math.min(writtenAtOnce, to - start + 1) }, (_, index) => {
      const seq = start + index;
      const at = timeAt(seq);
      const own = {
        _id: new Types.ObjectId(),
        conversationId,
        seq,
        clientId: `g${seq}`,
        payloadHash: '',
        at,
      };
      return { ...own, messageCount: seq, membersVersion: 0, updatedAt: at, ...blank, ...rowAt(seq) };
    });
    await connection.collection('entries').insertMany(rows, unjournalled);
  }
}

/** A conversation's row whose log ends at `headSeq`. */
export const grownRow = (headSeq: number, row: Record<string, unknown>) => ({
  _id: new Types.ObjectId(),
  createdAt: new Date(began),
  appliedSeq: headSeq,
  headAt: timeAt(headSeq),
  lastActivityAt: timeAt(headSeq),
  ...row,
});

type GrownRow = ReturnType<typeof grownRow>;

export const addRows = async (
  connection: Connection,
  collection: 'conversations' | 'members',
  rows: readonly (GrownRow | Record<string, unknown>)[],
): Promise<void> => {
  for (let start = 0; start < rows.length; start += writtenAtOnce)
    await connection
      .collection(collection)
      .insertMany(rows.slice(start, start + writtenAtOnce), unjournalled);
};

const closeEnough = 2;

/**
 * How much longer one thing takes than another, each at its best of some turns: what else the machine does falls on both,
 * and a best is what it does least of. Where a machine is busy it takes more turns until both had a quiet moment.
 */
export async function timesLonger(
  one: () => Promise<unknown>,
  other: () => Promise<unknown>,
  turns = 30,
): Promise<number> {
  const best = [Infinity, Infinity];
  const longer = (): number => (best[0] ?? 0) / (best[1] ?? 1);
  for (let turn = 0; turn < turns && !(longer() < closeEnough); turn += 1) {
    for (const [index, act] of [one, other].entries()) {
      const begin = performance.now();
      await act();
      best[index] = Math.min(best[index] ?? Infinity, performance.now() - begin);
    }
  }
  return longer();
}
