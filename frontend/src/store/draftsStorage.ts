import type { Id } from '@sori/contract';
import { parsedJson } from './json';
import type { Draft } from './state';
import type { Store } from './store';

const prefixOf = (account: Id) => `sori:draft:${account}:`;

const read = (text: string | null): Draft | null => {
  const value = parsedJson(text);
  if (typeof value !== 'object' || value === null || !('text' in value)) return null;
  const { text: draft, replyTo } = value as Partial<Draft>;
  return { text: draft ?? '', replyTo: replyTo ?? null };
};

/** Where there is no room left, typing must go on: then the draft lives as long as the page. */
const save = (key: string, draft: Draft) => {
  try {
    localStorage.setItem(key, JSON.stringify(draft));
  } catch {
    localStorage.removeItem(key);
  }
};

/**
 * Drafts outlive the page in localStorage: written in the same step in which the store changes, so that no late save
 * brings back what was sent. One row each; other tabs of the account follow.
 */
export const keepDrafts = (store: Store, account: Id): (() => void) => {
  const prefix = prefixOf(account);
  const drafts: Record<Id, Draft> = {};
  for (let index = 0; index < localStorage.length; index += 1) {
    const key = localStorage.key(index);
    if (key?.startsWith(prefix) !== true) continue;
    const draft = read(localStorage.getItem(key));
    if (draft !== null) drafts[key.slice(prefix.length)] = draft;
  }
  store.getState().draftsLoaded(drafts);

  const unsubscribe = store.subscribe((state, before) => {
    if (state.drafts === before.drafts) return;
    for (const key of new Set([...Object.keys(state.drafts), ...Object.keys(before.drafts)])) {
      const draft = state.drafts[key];
      if (draft === before.drafts[key]) continue;
      if (draft === undefined) localStorage.removeItem(prefix + key);
      else save(prefix + key, draft);
    }
  });
  // Only other tabs get this event.
  const elsewhere = ({ key, newValue }: StorageEvent) => {
    if (key?.startsWith(prefix) !== true) return;
    store.getState().draftChanged(key.slice(prefix.length), read(newValue) ?? { text: '', replyTo: null });
  };
  window.addEventListener('storage', elsewhere);
  return () => {
    unsubscribe();
    window.removeEventListener('storage', elsewhere);
  };
};

/** The person has left this device on purpose. */
export const forgetDrafts = (account: Id): void => {
  const prefix = prefixOf(account);
  const keys = Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index));
  for (const key of keys) if (key?.startsWith(prefix) === true) localStorage.removeItem(key);
};
