import type { Emitter } from '../../realtime/emitter.js';
import { createAlike } from './alike.js';
import type { Circles, FoundOut } from './circles.js';
import type { Online, OtherServers } from './online.js';

export interface AcquaintancesDeps {
  online: Pick<Online, 'isHere' | 'isListening' | 'isShownTo'>;
  circles: Circles;
  emit: Pick<Emitter, 'toPeople'>;
  others: Pick<OtherServers, 'arrived'>;
}

/** People who come to share a conversation, or cease to: whether they receive each other's presence. */
export function createAcquaintances({ online, circles, emit, others }: AcquaintancesDeps) {
  /**
   * Notifies each of these that the others, whom they did not know, are there; whose list is still to come finds them
   * in it.
   */
  function introduce(pairs: Iterable<[userId: string, fresh: Iterable<string>]>): void {
    const changes = createAlike();
    for (const [userId, fresh] of pairs) {
      const recipients = [...fresh].filter((id) => online.isListening(id) && online.isShownTo(id, userId));
      changes.add(recipients, userId, true);
    }
    changes.each((userIds, change) => emit.toPeople(userIds, 'presence', change));
  }

  return {
    /** Of somebody who is here it was found out with whom they share something, and no longer. */
    foundOut(userId: string, { fresh, strangers }: FoundOut): void {
      introduce([[userId, fresh]]);
      const listening = strangers.filter((id) => online.isListening(id));
      if (listening.length > 0) emit.toPeople(listening, 'presence', { online: [], offline: [userId] });
    },

    /**
     * To be called when two people come to share a conversation, once that is stored: from now on they receive each
     * other's presence, and now that the other is there. Twice is once.
     */
    sharesConversation(a: string, b: string): void {
      if (a === b) return;
      const knewEachOther = circles.share(a, b) && circles.share(b, a);
      // Also where they share a group already: one of them may leave it.
      circles.pair(a, b);
      if (knewEachOther) return;
      introduce([
        [a, [b]],
        [b, [a]],
      ]);
    },

    /** The same for people who came into a group, and everybody who is in it. */
    joinedGroup(groupId: string, newcomers: readonly string[]): void {
      const fresh = new Set(newcomers.filter(online.isHere));
      const before = [...circles.in(groupId)].filter((id) => !fresh.has(id));
      const pairs: [string, string[]][] = [];
      /** Newcomers whom those who were there before do not know yet. */
      const unknown = new Map<string, string[]>();
      for (const one of fresh) {
        const known = circles.around(one);
        const others = before.filter((id) => !known.has(id));
        for (const id of others) {
          const those = unknown.get(id);
          if (those) those.push(one);
          else unknown.set(id, [one]);
        }
        pairs.push([one, [...others, ...[...fresh].filter((id) => id !== one && !known.has(id))]]);
      }
      for (const one of fresh) {
        circles.enter(one, groupId);
        others.arrived(one);
      }
      introduce([...pairs, ...unknown]);
    },

    /**
     * To be called when people left a group, once that is stored: from now on they and those with whom they share nothing
     * else do not receive each other's presence.
     */
    leftGroup(groupId: string, userIds: readonly string[]): void {
      for (const userId of userIds) {
        circles.leave(userId, groupId);
        others.arrived(userId);
      }
    },
  };
}
