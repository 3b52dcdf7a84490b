import type { NotificationsSlice, Slice } from '../../store/state';

/** `attention` is the page's and not the account's: it is no part of what is forgotten. */
export const notificationsStart: Pick<NotificationsSlice, 'absenceMarked' | 'shaking'> = {
  absenceMarked: null,
  shaking: null,
};

export const notificationsSlice: Slice<NotificationsSlice> = (set) => ({
  ...notificationsStart,
  attention: false,
  attentionChanged: (attention) => set({ attention, absenceMarked: null }),
  shakeBegan: (conversationId, seq) => set({ shaking: { conversationId, seq } }),
  shakeEnded: () => set({ shaking: null }),
});
