/**
 * A second server process for the tests of the log: appends what its parent asks for and reports what was answered.
 * Started by `fork` with the database's address as its only argument.
 */
import { AppError } from '../core/errors.js';
import { message, openLog } from './log.js';

export interface Order {
  conversationId: string;
  senderId: string;
  clientId: string;
}
export type Outcome = Order & ({ seq: number; entryId: string; repeat: boolean } | { code: string });

const say = (word: 'ready' | Outcome): void => {
  process.send?.(word);
};

void openLog(process.argv[2] ?? '').then(
  (server) => {
    process.on('message', (order: Order) => {
      server.log.append(message(order.conversationId, order.senderId, order.clientId)).then(
        ({ entry, repeat }) => say({ ...order, seq: entry.seq, entryId: entry._id.toHexString(), repeat }),
        (error: unknown) => say({ ...order, code: error instanceof AppError ? error.code : String(error) }),
      );
    });
    process.on('disconnect', () => {
      void server.close().finally(() => process.exit(0));
    });
    say('ready');
  },
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
