import type { Settings, SettingsChange } from '@sori/contract';
import { useCallback } from 'react';
import { useClient } from '../../session/SocketContext';
import { useAppStore } from '../../session/useAppStore';

export type SettingsState = {
  /** Null until the server has told them. */
  settings: Settings | null;
  /** Changes what is named. Throws an `ApiError`; then nothing has changed. */
  change: (change: SettingsChange) => Promise<void>;
};

/** What this person has chosen for all devices. */
export function useSettings(): SettingsState {
  const { store, api } = useClient();
  const settings = useAppStore((state) => state.settings);
  const change = useCallback(
    async (changed: SettingsChange) => store.getState().settingsReceived(await api.changeSettings(changed)),
    [store, api],
  );
  return { settings, change };
}
