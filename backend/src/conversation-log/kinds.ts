import type { EntryKind } from './entries.model.js';

/**
 * Every kind of entry that this program reads. `base` are those that every program reads that may run beside this one; a kind
 * that comes later says `later` and is written only once all live servers say that they read it.
 */
const kinds: Readonly<Record<EntryKind, 'base' | 'later'>> = {
  message: 'base',
  edit: 'base',
  delete: 'base',
  react: 'base',
  pin: 'base',
  member: 'base',
  title: 'base',
  noop: 'base',
};

/** As a server tells the others. */
export const kindsRead: readonly string[] = Object.keys(kinds);

/** False for an entry that a newer program has written. */
export const isRead = (kind: string): boolean => Object.hasOwn(kinds, kind);

/** True where nobody has to be asked whether they read it. */
export const isBase = (kind: string): boolean => isRead(kind) && kinds[kind as EntryKind] === 'base';
