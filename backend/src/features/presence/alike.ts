import type { PresenceChange } from '@sori/contract';

interface Step {
  before: Step | undefined;
  userId: string;
  online: boolean;
  next: Map<string, Step>;
}

/**
 * Gathers who is to receive what, so that what is the same for many is made and written once. Nobody receives their own
 * presence: whoever would, gets a list of their own.
 */
export function createAlike() {
  const first: Step['next'] = new Map();
  const at = new Map<string, Step>();

  return {
    /** These are notified that this person came or went. */
    add(recipients: Iterable<string>, userId: string, online: boolean): void {
      const key = `${userId} ${online}`;
      for (const recipient of recipients) {
        const before = at.get(recipient);
        const ways = before?.next ?? first;
        let step = ways.get(key);
        if (!step) ways.set(key, (step = { before, userId, online, next: new Map() }));
        at.set(recipient, step);
      }
    },

    /** Calls `emit` once for all who receive the same. */
    each(emit: (recipients: string[], change: PresenceChange) => void): void {
      const groups = new Map<Step, string[]>();
      for (const [recipient, step] of at) {
        const together = groups.get(step);
        if (together) together.push(recipient);
        else groups.set(step, [recipient]);
      }
      for (const [step, recipients] of groups) {
        const change = changeUpTo(step);
        const about = new Set([...change.online, ...change.offline]);
        const others = recipients.filter((id) => !about.has(id));
        if (others.length > 0) emit(others, change);
        for (const id of recipients) {
          if (!about.has(id)) continue;
          const own = without(change, id);
          if (own.online.length + own.offline.length > 0) emit([id], own);
        }
      }
    },
  };
}

function changeUpTo(last: Step): PresenceChange {
  const change: PresenceChange = { online: [], offline: [] };
  for (let step: Step | undefined = last; step; step = step.before) {
    change[step.online ? 'online' : 'offline'].push(step.userId);
  }
  // In the order in which it happened.
  return { online: change.online.reverse(), offline: change.offline.reverse() };
}

const without = ({ online, offline }: PresenceChange, userId: string): PresenceChange => ({
  online: online.filter((id) => id !== userId),
  offline: offline.filter((id) => id !== userId),
});
