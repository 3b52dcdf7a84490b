import type { BlocksSlice, Slice } from '../../store/state';

export const blocksStart: Pick<BlocksSlice, 'blocked'> = { blocked: new Set() };

export const blocksSlice: Slice<BlocksSlice> = (set) => ({
  ...blocksStart,
  blocksListed: (userIds) => set({ blocked: new Set(userIds) }),
  blockReceived: ({ userId, blocked: isBlocked }) =>
    set((state) => {
      if (state.blocked.has(userId) === isBlocked) return {};
      const blocked = new Set(state.blocked);
      if (isBlocked) blocked.add(userId);
      else blocked.delete(userId);
      return { blocked };
    }),
});
