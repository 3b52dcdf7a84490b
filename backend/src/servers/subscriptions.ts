import type { Clock } from '../realtime/clock.js';
import type { Link } from './link.js';
import { channels } from './publications.js';

export interface SubscriptionsDeps {
  link: Pick<Link, 'subscribe' | 'unsubscribe'>;
  /** The groups and rooms that this person is in. */
  conversationsOf: (userId: string) => Promise<readonly string[]>;
  clock: Pick<Clock, 'after'>;
  report: (error: unknown) => void;
}

/** Who reloads a page is back soon. In milliseconds. */
const keptForMs = 10_000;
/** The database was away. In milliseconds. */
const againAfterMs = 2_000;

/** Called with a conversation that this server is about to listen to. @returns called once it does */
type Beginning = (conversationId: string) => () => void;

interface Here {
  sockets: number;
  conversations: Set<string>;
  opened: Promise<void> | undefined;
  cancel: (() => void) | undefined;
}

export type Subscriptions = ReturnType<typeof createSubscriptions>;

/** What this server listens to: what concerns a person with a socket here, and the groups and rooms that they are in. */
export function createSubscriptions({ link, conversationsOf, clock, report }: SubscriptionsDeps) {
  const people = new Map<string, Here>();
  const within = new Map<string, Set<string>>();
  const beginnings: Beginning[] = [];

  async function attend(userId: string, conversationId: string): Promise<void> {
    const those = within.get(conversationId);
    if (those) those.add(userId);
    else within.set(conversationId, new Set([userId]));
    const begun = those ? [] : beginnings.map((listener) => listener(conversationId));
    // Also where another one is in it: their subscription may be under way.
    await link.subscribe(channels.conversation(conversationId));
    for (const listener of begun) listener();
  }

  async function enter(userId: string, conversationId: string): Promise<void> {
    const person = people.get(userId);
    if (!person || person.conversations.has(conversationId)) return;
    person.conversations.add(conversationId);
    await attend(userId, conversationId);
  }

  function leave(userId: string, conversationId: string): void {
    people.get(userId)?.conversations.delete(conversationId);
    const those = within.get(conversationId);
    if (!those?.delete(userId) || those.size > 0) return;
    within.delete(conversationId);
    link.unsubscribe(channels.conversation(conversationId));
  }

  async function open(userId: string, person: Here): Promise<void> {
    await link.subscribe(channels.person(userId));
    try {
      const conversations = await conversationsOf(userId);
      await Promise.all(conversations.map((conversationId) => enter(userId, conversationId)));
    } catch (error) {
      report(error);
      clock.after(againAfterMs, () => {
        if (people.get(userId) === person) person.opened = open(userId, person);
      });
    }
  }

  function forget(userId: string, person: Here): void {
    for (const conversationId of [...person.conversations]) leave(userId, conversationId);
    people.delete(userId);
    link.unsubscribe(channels.person(userId));
  }

  return {
    /** A socket of this person's is here. Resolved once what concerns them is heard. Never rejects. */
    connected(userId: string): Promise<void> {
      let person = people.get(userId);
      if (!person) {
        person = { sockets: 0, conversations: new Set(), opened: undefined, cancel: undefined };
        people.set(userId, person);
      }
      person.cancel?.();
      person.cancel = undefined;
      person.sockets += 1;
      return (person.opened ??= open(userId, person));
    },

    /** Resolved once what concerns this person is heard; at once for who is not here. Never rejects. */
    heard: (userId: string): Promise<void> => people.get(userId)?.opened ?? Promise.resolve(),

    disconnected(userId: string): void {
      const person = people.get(userId);
      if (!person) return;
      person.sockets -= 1;
      if (person.sockets > 0) return;
      person.cancel = clock.after(keptForMs, () => forget(userId, person));
    },

    /** This person, if they are here, is in that group or room now. */
    joined: (userId: string, conversationId: string): void =>
      void enter(userId, conversationId).catch(report),

    /** A plain client, which concerns this server by that room alone, is in it. Resolved once what is published there is heard. */
    attended: attend,

    /** And is no longer. */
    left: leave,

    /** What was stored in a conversation, or changed, before this server listened to it was not heard. */
    onBeginning: (listener: Beginning): void => void beginnings.push(listener),

    isHere: (userId: string): boolean => people.has(userId),

    /** Those of a group or room with a socket here. */
    in: (conversationId: string): ReadonlySet<string> => within.get(conversationId) ?? nobody,
  };
}

const nobody: ReadonlySet<string> = new Set();
