import type { Id } from '@sori/contract';
import { draftMarks } from '../account/drafts/draftsStorage';

/** Another tab of the account, in which somebody writes to `key`. This one hears of it when the test says so. */
export const writeInOtherTab = (account: Id, key: Id) => {
  const row = `sori:draft:${account}:${key}`;
  const marks = draftMarks(account);
  const pending: (string | null)[] = [];
  return {
    writes: (text: string) => {
      const value = text === '' ? null : JSON.stringify({ text, replyTo: null });
      if (value === null) localStorage.removeItem(row);
      else localStorage.setItem(row, value);
      marks.write(key, { rev: (marks.read(key)?.rev ?? 0) + 1, saved: false });
      pending.push(value);
    },
    isReceived: (changes: number) => {
      for (const newValue of pending.splice(0, changes))
        window.dispatchEvent(new StorageEvent('storage', { key: row, newValue }));
    },
    /** What is in storage there now. */
    has: (): string | null => localStorage.getItem(row),
  };
};
