import type { Limits } from '../../limits/limits.js';

export interface RoomLimitsDeps {
  limits: Pick<Limits, 'sendsPerUser' | 'sendsPerAddress' | 'guestsPerAddress' | 'roomsPerUser'>;
  /** Where somebody without an account is; undefined for others. */
  addressOf: (userId: string) => string | undefined;
}

export type RoomLimits = ReturnType<typeof createRoomLimits>;

/**
 * Whatever is emitted to others in a room counts as a send, by who does it and by where they are: who is only refused as
 * one person is back as the next.
 * Everything here throws RATE_LIMITED.
 */
export function createRoomLimits({ limits, addressOf }: RoomLimitsDeps) {
  return {
    /** Somebody whom we know by a session comes, goes, or takes another name. */
    async known(userId: string, address: string): Promise<void> {
      await limits.sendsPerUser.take(userId);
      await limits.sendsPerAddress.take(address);
    },

    /** Somebody comes of whom nothing is known but the address: that is who they are. */
    stranger: (address: string): Promise<void> => limits.sendsPerUser.take(address),

    /** A stranger is to become a guest, who is remembered. */
    newGuest: (address: string): Promise<void> => limits.guestsPerAddress.take(address),

    async wrote(userId: string): Promise<void> {
      await limits.sendsPerUser.take(userId);
      const address = addressOf(userId);
      if (address !== undefined) await limits.sendsPerAddress.take(address);
    },

    /** Sends somebody else away. */
    ruled: (userId: string): Promise<void> => limits.sendsPerUser.take(userId),

    /** Opens a room, which counts where one comes of it. */
    async opening<Room>(userId: string, open: () => Promise<Room>): Promise<Room> {
      await limits.sendsPerUser.take(userId);
      await limits.roomsPerUser.take(userId);
      try {
        return await open();
      } catch (error) {
        await limits.roomsPerUser.giveBack(userId);
        throw error;
      }
    },
  };
}
