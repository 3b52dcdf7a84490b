import type { Language, RoomPerson } from '@sori/contract';
import type { SerializeByKey } from '../../core/serialize-by-key.js';
import type { Bans } from './bans.js';
import type { Comings } from './comings.js';
import type { ConnectedOccupants } from './connected-occupants.js';
import { refuseReserved } from './reserved.js';
import type { RoomLimits } from './room-limits.js';

/** Somebody without any session (the namespace `/open`). */
export interface PlainClient {
  userId: string;
  nickname: string;
  address: string;
  language: Language;
  /** Called when the name is known, before anybody is notified of it. */
  named: (name: string) => void;
}

export interface PlainClientsDeps {
  comings: Pick<Comings, 'putGuest' | 'goOut'>;
  connectedOccupants: ConnectedOccupants;
  bans: Pick<Bans, 'refuseBanned'>;
  roomLimits: Pick<RoomLimits, 'stranger'>;
  /** What happens to one person, one after the other. */
  inOrder: SerializeByKey;
  report: (error: unknown) => void;
}

/** Those who come by a socket alone and have no session. */
export function createPlainClients(deps: PlainClientsDeps) {
  const { comings, connectedOccupants, bans, roomLimits, inOrder, report } = deps;
  const { putGuest, goOut } = comings;
  /** They have no session that could keep their address. */
  const plainAddresses = new Map<string, string>();

  /**
   * Comes in under this name, or one like it, for as long as its socket is there.
   * @throws AppError REFUSED (a ban, a reserved name), RATE_LIMITED
   */
  async function enterPlain(
    conversationId: string,
    { userId, nickname, address, language, named: beforeEmit }: PlainClient,
  ): Promise<RoomPerson> {
    refuseReserved(nickname);
    await roomLimits.stranger(address);
    await bans.refuseBanned(conversationId, { address });
    plainAddresses.set(userId, address);
    const person = await inOrder(userId, () =>
      putGuest({ userId, conversationId }, { language, nickname, address }, beforeEmit),
    ).catch(async (error: unknown) => {
      // Half of it may be done, and nobody is there who could leave.
      await leavePlain(conversationId, userId).catch(report);
      throw error;
    });
    connectedOccupants.entered(userId, conversationId);
    await connectedOccupants.connected(`plain:${userId}`, { userId, sessionId: userId });
    return person;
  }

  async function leavePlain(conversationId: string, userId: string): Promise<void> {
    plainAddresses.delete(userId);
    connectedOccupants.left(userId, conversationId);
    connectedOccupants.disconnected(`plain:${userId}`);
    await inOrder(userId, () => goOut(conversationId, userId));
  }

  return {
    enterPlain,
    leavePlain,
    plainAddressOf: (userId: string): string | undefined => plainAddresses.get(userId),
  };
}
