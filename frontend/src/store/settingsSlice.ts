import type { SettingsSlice, Slice } from './state';

export const settingsStart: Pick<SettingsSlice, 'settings'> = { settings: null };

export const settingsSlice: Slice<SettingsSlice> = (set) => ({
  ...settingsStart,
  settingsTold: (settings) => set({ settings }),
});
