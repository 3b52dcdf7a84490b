import { useSyncExternalStore } from 'react';

// This device's choice, like how the page looks: it changes nothing for anybody else.
const storageKey = 'sori:notices';
const hiddenValue = 'hidden';
const listeners = new Set<() => void>();

const stored = (): boolean => {
  try {
    return localStorage.getItem(storageKey) !== hiddenValue;
  } catch {
    return true;
  }
};
let shown = stored();

export const showNotices = (show: boolean): void => {
  shown = show;
  try {
    if (show) localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, hiddenValue);
  } catch {
    // Forbidden storage only means that the choice lasts until the page is closed.
  }
  for (const changed of listeners) changed();
};

/** Whether groups say who came and went, who may do what, and when they were renamed. */
export const useNoticesShown = (): boolean =>
  useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => shown,
  );
