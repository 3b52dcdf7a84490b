import type { SettingsSlice, Slice } from '../store/state';

export const settingsStart: Pick<SettingsSlice, 'settings' | 'admin'> = { settings: null, admin: null };

export const settingsSlice: Slice<SettingsSlice> = (set) => ({
  ...settingsStart,
  settingsReceived: (settings) => set({ settings }),
  adminReceived: (admin) => set({ admin }),
});
