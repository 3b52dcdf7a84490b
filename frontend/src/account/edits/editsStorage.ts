import type { Id } from '@sori/contract';
import { deviceTexts } from '../../device/keptTexts';
import { isTouched } from './editsSlice';
import { parsedJson } from '../../device/json';
import type { Edit, Store } from '../../store/state';

const prefixOf = (account: Id) => `sori:edit:${account}:`;

const isEdit = (value: unknown): value is Edit => {
  if (typeof value !== 'object' || value === null) return false;
  const { messageId, text, before } = value as Partial<Edit>;
  return (
    typeof messageId === 'string' &&
    typeof text === 'string' &&
    (before === null || typeof before === 'string')
  );
};

const read = (text: string | null): Edit[] => {
  const value = parsedJson(text);
  return Array.isArray(value) ? value.filter(isEdit) : [];
};

/** Edits under way outlive the page, one row for each conversation, and are all tabs', as drafts are. */
export const keepEdits = (store: Store, account: Id): (() => void) => {
  const prefix = prefixOf(account);
  const rows = deviceTexts.keys().filter((row) => row.startsWith(prefix));
  const kept = rows.map((row) => [row.slice(prefix.length), read(deviceTexts.read(row))] as const);
  store.getState().editsLoaded(Object.fromEntries(kept.filter(([, edits]) => edits.length > 0)));

  let listening = false;
  const unsubscribe = store.subscribe(({ edits }, { edits: before }) => {
    if (listening || edits === before) return;
    for (const key of new Set([...Object.keys(edits), ...Object.keys(before)])) {
      if (edits[key] === before[key]) continue;
      if (edits[key] === undefined) deviceTexts.remove(prefix + key);
      else deviceTexts.write(prefix + key, JSON.stringify(edits[key]));
    }
    // Where there is no room left, typing must go on: then they live as long as the page, which says so.
    const isKept = Object.keys(edits).every((key) => deviceTexts.outlivesPage(prefix + key));
    store.getState().keepingChanged('edits', isKept);
  });
  // Only other tabs get this event.
  const elsewhere = ({ key }: StorageEvent) => {
    if (key?.startsWith(prefix) !== true) return;
    listening = true;
    // As they are by now: this may be heard late.
    store.getState().editsFromOtherTab(key.slice(prefix.length), read(deviceTexts.read(key)));
    listening = false;
  };
  window.addEventListener('storage', elsewhere);
  return () => {
    unsubscribe();
    window.removeEventListener('storage', elsewhere);
  };
};

/** The person has left this device on purpose: what they changed is told nowhere else, and waits for them. */
export const forgetUntouchedEdits = (account: Id): void =>
  forget(account, (row) => !read(deviceTexts.read(row)).some(isTouched));

/** Of a guest nothing stays. */
export const forgetEdits = (account: Id): void => forget(account, () => true);

const forget = (account: Id, isOver: (row: string) => boolean): void => {
  const rows = deviceTexts.keys().filter((row) => row.startsWith(prefixOf(account)));
  for (const row of rows) if (isOver(row)) deviceTexts.remove(row);
};
