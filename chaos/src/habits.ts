import { audit, type AuditDeps, movePosition } from './audits.js';
import type { Comings } from './comings.js';
import type { Follow } from './follow.js';
import type { createManager } from './manager.js';
import type { Person } from './person.js';
import type { Random } from './random.js';
import type { Writing } from './writing.js';

/** What a device does next: how often each; and who takes people into groups and out of them does that all the time. */
const habits = {
  send: 44,
  burst: 3,
  edit: 10,
  delete: 4,
  react: 14,
  pin: 4,
  read: 12,
  deliver: 4,
  audit: 8,
  leave: 2,
  reload: 1,
} as const;

export interface HabitsDeps extends AuditDeps {
  person: Person;
  random: Random;
  isConnected: () => boolean;
  follow: Pick<Follow, 'cursorOf'>;
  writing: Writing;
  comings: Pick<Comings, 'ask'>;
  /** Takes people in and out; null where another device does. */
  manager: ReturnType<typeof createManager> | null;
  /** The page is closed and opened again: with what it had stored, or with nothing. */
  reload: (forget: boolean, snapshots: boolean) => void;
}

/** One thing to do, whenever it is called. Every draw is made, whatever comes of it, so the plan does not depend on what others do. */
export function createHabits(deps: HabitsDeps): { act: () => void } {
  const { person, random, isConnected, follow, writing, manager, reload } = deps;
  const own = { ...habits, members: manager ? 60 : 0 };
  const leaveOrReturn = createLeaving(deps);

  function act(): void {
    const kind = random.weighted(own);
    // Most happens in few conversations.
    const place = person.places[Math.floor(random.next() ** 2 * person.places.length)];
    const [which, how, more] = [random.next(), random.next(), random.next()];
    if (!place) return;
    const { conversationId, isGroup, owns } = place;
    // Only its managers pin in a group.
    if (isGroup && kind === 'pin') return;
    const cursor = follow.cursorOf(conversationId);
    // Who is not in it, or has not heard of it yet, has nothing to do there, and tries it all the same now and then.
    const mayTry = (kind === 'send' || kind === 'audit') && more < 0.3;
    if (isGroup && cursor === 0 && !mayTry) return;
    switch (kind) {
      case 'send':
        writing.say(place, 1, { which, how, more });
        return;
      case 'burst':
        writing.say(place, 3 + Math.floor(which * 12), { which, how, more });
        return;
      case 'edit':
      case 'delete':
      case 'react':
      case 'pin':
        writing.change(kind, place, { which, how, more });
        return;
      case 'read':
      case 'deliver': {
        if (cursor === 0 || !isConnected()) return;
        // Sometimes behind what was said before, sometimes beyond the end: neither may do anything.
        const seq = how < 0.2 ? Math.floor(cursor * how * 5) : how > 0.95 ? cursor + 1_000 : cursor;
        void movePosition(deps, { kind, conversationId, seq });
        return;
      }
      case 'audit':
        void audit(deps, place, how);
        return;
      case 'members':
        void manager?.act(which, how);
        return;
      case 'leave':
        // Its owner stays, so that there is always somebody who takes people in.
        if (isGroup && !owns) void leaveOrReturn(conversationId);
        return;
      case 'reload':
        reload(how < 0.4, more < 0.5);
    }
  }

  return { act };
}

/** Who left here comes back the next time, if nobody has taken them out meanwhile. */
function createLeaving({ userId, comings, recorder }: HabitsDeps) {
  let leaving = false;
  /** Groups that this device has left, as far as it knows. */
  const left = new Set<string>();

  return async function leaveOrReturn(conversationId: string): Promise<void> {
    if (leaving) return;
    leaving = true;
    if (left.delete(conversationId)) {
      const answered = recorder.mayComeBack(conversationId, userId);
      await comings.ask({ conversationId, change: 'joined', whom: userId });
      answered();
    } else if (await comings.ask({ conversationId, change: 'left', whom: userId })) left.add(conversationId);
    leaving = false;
  };
}
