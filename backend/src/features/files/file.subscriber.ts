import { toAppError } from '../../core/errors.js';
import type { Subscriber } from '../../conversation-log/stored-entries.js';
import type { Sweeping } from './sweeping.js';

/** With a message its files are deleted. */
export const fileSubscriber = (
  { removed }: Pick<Sweeping, 'removed'>,
  report: (error: unknown) => void,
): Subscriber => ({
  name: 'files',
  stored({ kind }, target) {
    if (kind !== 'delete' || !target) return;
    // Where that fails, the sweeper goes on with it: the files are marked since before the deletion was stored.
    removed(target).catch((error: unknown) => void toAppError(error, report));
  },
});
