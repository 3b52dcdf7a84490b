import type { Id } from '@sori/contract';
import { deviceTexts } from '../../device/keptTexts';
import { parsedJson } from '../../device/json';
import type { Draft, Store } from '../../store/state';

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

/** How a draft stands to the server's. It outlives the draft itself. */
export type DraftMark = {
  rev: number;
  /** The server has it. */
  saved: boolean;
  /** The server has said no to it: it is kept here alone, and not asked about again, until the person changes it. */
  refused?: true;
};

/** As the tabs share it, newer than what this one has heard. */
export const sharedDraft = (account: Id, key: Id): Draft | null =>
  read(deviceTexts.read(prefixOf(account) + key));

/** Shared by the tabs: read anew each time. */
export const draftMarks = (account: Id) => {
  const prefix = markPrefixOf(account);
  return {
    read: (key: Id): DraftMark | null => {
      const value = parsedJson(deviceTexts.read(prefix + key)) as Partial<DraftMark> | null | undefined;
      if (typeof value?.rev !== 'number' || typeof value.saved !== 'boolean') return null;
      const { rev, saved } = value;
      return value.refused === true ? { rev, saved, refused: true } : { rev, saved };
    },
    write: (key: Id, mark: DraftMark): void => {
      // It must not outlive the text that it is about: an older one that lies there still would be taken for that.
      const write = deviceTexts.outlivesPage(prefixOf(account) + key)
        ? deviceTexts.write
        : deviceTexts.writeHere;
      write(prefix + key, JSON.stringify(mark));
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
  for (const key of deviceTexts.keys()) {
    const draft = key.startsWith(prefix) ? read(deviceTexts.read(key)) : null;
    if (draft !== null) drafts[key.slice(prefix.length)] = draft;
  }
  store.getState().draftsLoaded(drafts);

  // All of them: one that is not kept is not made up for by the next one that is.
  const reportKeeping = () => {
    const keys = Object.keys(store.getState().drafts);
    store.getState().keepingChanged(
      'drafts',
      keys.every((key) => deviceTexts.outlivesPage(prefix + key)),
    );
  };
  // The tab in which it was written keeps it and tells the server. One that only heard of it does neither: it may be
  // late, and would bring back what was changed or sent since, under the fingers of whoever writes there.
  let listening = false;
  const unsubscribe = store.subscribe((state, before) => {
    if (listening || state.drafts === before.drafts) return;
    for (const key of new Set([...Object.keys(state.drafts), ...Object.keys(before.drafts)])) {
      const draft = state.drafts[key];
      if (draft === before.drafts[key]) continue;
      if (draft === undefined) deviceTexts.remove(prefix + key);
      // Where there is no room left, typing must go on: then it lives as long as the page, which says so.
      else deviceTexts.write(prefix + key, JSON.stringify(draft));
      changed(key);
    }
    reportKeeping();
  });
  // Only other tabs get this event.
  const elsewhere = ({ key, newValue }: StorageEvent) => {
    if (key?.startsWith(prefix) !== true) return;
    const id = key.slice(prefix.length);
    const draft = store.getState().drafts[id];
    const shared = deviceTexts.read(key);
    // Heard late: what all tabs share now is what this one has.
    if (shared !== newValue && isSame(read(shared), draft)) return;
    listening = true;
    store.getState().draftFromOtherTab(id, read(newValue) ?? { text: '', replyTo: null });
    listening = false;
    reportKeeping();
  };
  window.addEventListener('storage', elsewhere);
  return () => {
    unsubscribe();
    window.removeEventListener('storage', elsewhere);
  };
};

/**
 * The person has left this device on purpose: what the server has is forgotten. What it does not have would be lost, and
 * stays for when they are back, as what was not sent yet does.
 */
export const forgetSavedDrafts = (account: Id): void => {
  const marks = draftMarks(account);
  forget(account, (key) => marks.read(key)?.saved === true || sharedDraft(account, key)?.text === '');
};

/** Of a guest nothing stays: they will not be the same one again. */
export const forgetDrafts = (account: Id): void => forget(account, () => true);

const forget = (account: Id, isOver: (key: Id) => boolean): void => {
  for (const prefix of [prefixOf(account), markPrefixOf(account)])
    for (const row of deviceTexts.keys())
      if (row.startsWith(prefix) && isOver(row.slice(prefix.length))) deviceTexts.remove(row);
};
