import type { Limits } from './limits.js';

/** Counts people whom one person puts into a group: all of them or, where that is refused, none. */
export const countAdds =
  ({ addsPerUser, addsPerPair }: Pick<Limits, 'addsPerUser' | 'addsPerPair'>) =>
  async (userId: string, addedIds: readonly string[]): Promise<void> => {
    if (addedIds.length === 0) return;
    addsPerPair.take(userId, addedIds);
    try {
      await addsPerUser.take(userId, addedIds.length);
    } catch (error) {
      addsPerPair.giveBack(userId, addedIds);
      // A large group that was refused is not to use up what is left for a small one.
      await addsPerUser.giveBack(userId, addedIds.length);
      throw error;
    }
  };
