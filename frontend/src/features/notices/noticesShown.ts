import { useSyncExternalStore } from 'react';
import { deviceTexts } from '../../device/keptTexts';

// This device's choice, like how the page looks: it changes nothing for anybody else.
const storageKey = 'sori:notices';
const hiddenValue = 'hidden';
const listeners = new Set<() => void>();

let shown = deviceTexts.read(storageKey) !== hiddenValue;

export const showNotices = (show: boolean): void => {
  shown = show;
  if (show) deviceTexts.remove(storageKey);
  else deviceTexts.write(storageKey, hiddenValue);
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
