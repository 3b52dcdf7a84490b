import type { Id } from '@sori/contract';
import { parsedJson } from './json';
import type { Draft } from './state';
import type { Store } from './store';

const prefixOf = (account: Id) => `sori:draft:${account}:`;
const markPrefixOf = (account: Id) => `sori:draftrev:${account}:`;

const read = (text: string | null): Draft | null => {
  const value = parsedJson(text);
  if (typeof value !== 'object' || value === null || !('text' in value)) return null;
  const { text: draft, replyTo } = value as Partial<Draft>;
  return { text: draft ?? '', replyTo: replyTo ?? null };
};

const isSame = (one: Draft | null, other: Draft | undefined): boolean =>
  (one?.text ?? '') === (other?.text ?? '') && (one?.replyTo ?? null) === (other?.replyTo ?? null);

/** Where there is no room left, typing must go on: then the draft lives as long as the page. */
const save = (key: string, draft: Draft) => {
  try {
    localStorage.setItem(key, JSON.stringify(draft));
  } catch {
    localStorage.removeItem(key);
  }
};

/** How a draft stands to the server's: its `rev`, and whether the server has that one. It outlives the draft itself. */
export type DraftMark = { rev: number; saved: boolean };

/** As the tabs share it, newer than what this one has heard. */
export const sharedDraft = (account: Id, key: Id): Draft | null =>
  read(localStorage.getItem(prefixOf(account) + key));

/** Shared by the tabs: read anew each time. */
export const draftMarks = (account: Id) => {
  const prefix = markPrefixOf(account);
  return {
    read: (key: Id): DraftMark | null => {
      const value = parsedJson(localStorage.getItem(prefix + key)) as Partial<DraftMark> | null | undefined;
      return typeof value?.rev === 'number' && typeof value.saved === 'boolean'
        ? { rev: value.rev, saved: value.saved }
        : null;
    },
    write: (key: Id, mark: DraftMark): void => {
      try {
        localStorage.setItem(prefix + key, JSON.stringify(mark));
      } catch {
        // No room: then this device's drafts are not the account's until there is some.
        localStorage.removeItem(prefix + key);
      }
    },
  };
};

/**
 * Drafts outlive the page in localStorage: written in the same step in which the store changes, so that no late save
 * brings back what was sent. One row each; other tabs of the account follow. `changed` is called for what changed here.
 */
export const keepDrafts = (store: Store, account: Id, changed: (key: Id) => void): (() => void) => {
  const prefix = prefixOf(account);
  const drafts: Record<Id, Draft> = {};
  for (let index = 0; index < localStorage.length; index += 1) {
    const key = localStorage.key(index);
    if (key?.startsWith(prefix) !== true) continue;
    const draft = read(localStorage.getItem(key));
    if (draft !== null) drafts[key.slice(prefix.length)] = draft;
  }
  store.getState().draftsLoaded(drafts);

  // The tab in which it was written keeps it and tells the server. One that only heard of it does neither: it may be
  // late, and would bring back what was changed or sent since, under the fingers of whoever writes there.
  let hearing = false;
  const unsubscribe = store.subscribe((state, before) => {
    if (hearing || state.drafts === before.drafts) return;
    for (const key of new Set([...Object.keys(state.drafts), ...Object.keys(before.drafts)])) {
      const draft = state.drafts[key];
      if (draft === before.drafts[key]) continue;
      if (draft === undefined) localStorage.removeItem(prefix + key);
      else save(prefix + key, draft);
      changed(key);
    }
  });
  // Only other tabs get this event.
  const elsewhere = ({ key, newValue }: StorageEvent) => {
    if (key?.startsWith(prefix) !== true) return;
    const id = key.slice(prefix.length);
    const draft = store.getState().drafts[id];
    const shared = localStorage.getItem(key);
    // Heard late: what all tabs share now is what this one has.
    if (shared !== newValue && isSame(read(shared), draft)) return;
    hearing = true;
    store.getState().draftHeard(id, read(newValue) ?? { text: '', replyTo: null });
    hearing = false;
  };
  window.addEventListener('storage', elsewhere);
  return () => {
    unsubscribe();
    window.removeEventListener('storage', elsewhere);
  };
};

/** The person has left this device on purpose. */
export const forgetDrafts = (account: Id): void => {
  const prefixes = [prefixOf(account), markPrefixOf(account)];
  const keys = Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index));
  for (const key of keys)
    if (key !== null && prefixes.some((prefix) => key.startsWith(prefix))) localStorage.removeItem(key);
};
