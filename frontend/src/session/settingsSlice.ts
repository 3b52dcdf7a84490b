import type { SettingsSlice, Slice } from '../store/state';

export const settingsStart: Pick<SettingsSlice, 'settings' | 'admin'> = { settings: null, admin: null };

export const settingsSlice: Slice<SettingsSlice> = (set) => ({
  ...settingsStart,
  settingsTold: (settings) => set({ settings }),
  adminTold: (admin) => set({ admin }),
});
