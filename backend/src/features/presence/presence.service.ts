import type { PresenceChange } from '@sori/contract';
import { toAppError } from '../../core/errors.js';
import type { Clock } from '../../realtime/clock.js';
import type { Tell, TellSockets } from '../../realtime/tell.js';
import { createBlockNews } from './block-news.js';
import { createTutorialList } from './tutorial-list.js';

export interface PresenceDeps {
  /** The people with whom this one shares a direct conversation or a group that has entries; rooms do not count. */
  contactsOf: (userId: string) => Promise<Iterable<string>>;
  /** Those whom this person blocks: they are not shown that he is here. */
  blockedBy: (userId: string) => Promise<Iterable<string>>;
  tell: Pick<Tell, 'people'>;
  tellSockets: TellSockets;
  clock: Clock;
  report: (bug: unknown) => void;
}

export interface PresentSocket {
  socketId: string;
  userId: string;
  speaksSori: boolean;
}

/** A reload takes a second or two; nobody is to see a dot go out and on for it. */
const graceMs = 5_000;
/** One change per person in this time, so that a bad line does not flicker on everybody else's screen. */
const gapMs = 2_000;
/** Changes are collected for so long before they are told. */
const tickMs = 100;
const retryMs = 2_000;

/** What is known of a person who is online, or was until a moment ago. */
interface Present {
  sockets: Set<string>;
  soriSockets: Set<string>;
  /** What others are told. It follows `sockets` with the grace and the gap above. */
  shown: boolean;
  changedAt: number;
  /** Who hears of this person. Loaded once, on coming online, then extended by `sharesConversation`. */
  contacts: Set<string>;
  /** Whom this person blocks, or (false) no longer does. Loaded together with the contacts. */
  blocks: Map<string, boolean>;
  loading: Promise<void> | undefined;
  loaded: boolean;
  /** Sori sockets that have not had their list yet. */
  unlisted: Set<string>;
  cancelSettle: (() => void) | undefined;
  cancelRetry: (() => void) | undefined;
}

export type Presence = ReturnType<typeof createPresence>;

/**
 * Who is online on this server, and who hears of it. What anybody is told (lists and changes alike) is `shown`, so a list
 * and the changes after it always add up.
 */
export function createPresence(deps: PresenceDeps) {
  const { contactsOf, blockedBy, tell, tellSockets, clock, report } = deps;
  const people = new Map<string, Present>();
  const sockets = new Map<string, PresentSocket>();
  const watched = new Map<string, ReadonlySet<string>>();
  const watchers = new Map<string, Set<string>>();
  const changed = new Set<string>();
  let cancelTick: (() => void) | undefined;
  let closed = false;

  /** Those who are here and block this person. */
  const hiders = new Map<string, Set<string>>();

  /** To anybody at all: not before it is known whom he blocks. */
  function isShown(userId: string): boolean {
    const person = people.get(userId);
    return person?.shown === true && person.loaded;
  }
  const isShownTo = (viewerId: string | undefined, userId: string): boolean =>
    isShown(userId) && !(viewerId !== undefined && hiders.get(viewerId)?.has(userId));
  function* shown(): Iterable<string> {
    for (const userId of people.keys()) if (isShown(userId)) yield userId;
  }
  const tutorial = createTutorialList({
    online: shown,
    isOnline: isShown,
    hidersOf: (viewerId) => hiders.get(viewerId),
    tellSockets,
    clock,
  });

  const blockNews = createBlockNews({ tellState, gapMs, clock });

  /** To who knows that person or watches them, and as it is now: they may have gone meanwhile. */
  function tellState(userId: string, viewerId: string): void {
    const change = isShownTo(viewerId, userId)
      ? { online: [userId], offline: [] }
      : { online: [], offline: [userId] };
    if (people.get(viewerId)?.contacts.has(userId)) tell.people([viewerId], 'presence', change);
    else {
      const watching = [...(watchers.get(userId) ?? [])];
      tellSockets(
        watching.filter((socketId) => sockets.get(socketId)?.userId === viewerId),
        'presence',
        change,
      );
    }
  }

  const onlineAmong = (userIds: Iterable<string>, viewerId?: string): string[] =>
    [...new Set(userIds)].filter((userId) => isShownTo(viewerId, userId));

  function setBlock(userId: string, person: Present, viewerId: string, blocked: boolean): void {
    person.blocks.set(viewerId, blocked);
    const those = hiders.get(viewerId) ?? new Set();
    if (blocked) hiders.set(viewerId, those.add(userId));
    else if (those.delete(userId) && those.size === 0) hiders.delete(viewerId);
  }

  function forget(userId: string, person: Present): void {
    person.cancelRetry?.();
    for (const viewerId of person.blocks.keys()) setBlock(userId, person, viewerId, false);
    people.delete(userId);
  }

  function queue(userId: string): void {
    changed.add(userId);
    cancelTick ??= clock.after(tickMs, tellChanges);
  }

  function tellChanges(): void {
    cancelTick = undefined;
    const toPeople = new Map<string, PresenceChange>();
    const toSockets = new Map<string, PresenceChange>();
    const add = (
      to: Map<string, PresenceChange>,
      receiver: string,
      userId: string,
      online: boolean,
    ): void => {
      let change = to.get(receiver);
      if (!change) to.set(receiver, (change = { online: [], offline: [] }));
      change[online ? 'online' : 'offline'].push(userId);
    };
    for (const userId of changed) {
      const person = people.get(userId);
      // Whose contacts are still being read is queued again when they are there.
      if (!person?.loaded) continue;
      for (const contact of person.contacts) {
        if (hiders.get(contact)?.has(userId)) continue;
        if (people.get(contact)?.soriSockets.size) add(toPeople, contact, userId, person.shown);
      }
      for (const socketId of watchers.get(userId) ?? []) {
        const owner = sockets.get(socketId)?.userId;
        if (owner === undefined || owner === userId || hiders.get(owner)?.has(userId)) continue;
        if (!person.contacts.has(owner)) {
          add(toSockets, socketId, userId, person.shown);
        }
      }
    }
    changed.clear();
    for (const [userId, change] of toPeople) tell.people([userId], 'presence', change);
    for (const [socketId, change] of toSockets) tellSockets([socketId], 'presence', change);
  }

  /** Brings what is shown of a person into line with their sockets, now or when grace and gap are over. */
  function settle(userId: string, person: Present): void {
    person.cancelSettle?.();
    person.cancelSettle = undefined;
    const online = person.sockets.size > 0;
    const gap = person.changedAt + gapMs - clock.elapsed();
    const later = (ms: number, run: () => void): void => {
      if (ms <= 0) run();
      else person.cancelSettle = clock.after(ms, run);
    };
    if (online !== person.shown) {
      later(online ? gap : Math.max(graceMs, gap), () => {
        person.cancelSettle = undefined;
        person.shown = online;
        person.changedAt = clock.elapsed();
        queue(userId);
        tutorial.changed();
        if (!online) settle(userId, person);
      });
    } else if (!online) {
      // Remembered until the gap is over, or leaving and coming back would be a way around it.
      later(gap, () => forget(userId, person));
    }
  }

  /** Reads the contacts once; then those sockets that wait for it get their list. */
  function load(userId: string, person: Present): Promise<void> {
    return (person.loading ??= Promise.all([contactsOf(userId), blockedBy(userId)]).then(
      ([contacts, blocked]) => {
        for (const contact of contacts) if (contact !== userId) person.contacts.add(contact);
        // What changed meanwhile is newer than what was read.
        if (closed) return;
        for (const id of blocked) if (!person.blocks.has(id)) setBlock(userId, person, id, true);
        person.loaded = true;
        queue(userId);
        tutorial.changed();
        list(userId, person);
      },
      (error: unknown) => {
        toAppError(error, report);
        person.loading = undefined;
        if (closed || person.sockets.size === 0) return;
        person.cancelRetry = clock.after(retryMs, () => void load(userId, person));
      },
    ));
  }

  function list(userId: string, person: Present): void {
    if (person.unlisted.size === 0) return;
    tellSockets(person.unlisted, 'getOnlineUsers', onlineAmong(person.contacts, userId));
    person.unlisted.clear();
  }

  /** From now on this person hears of the others, and now who of them is there. */
  function meet(one: string, others: readonly string[]): void {
    const person = people.get(one);
    // Whoever is not here learns it on coming.
    if (!person) return;
    const fresh = others.filter((other) => other !== one && !person.contacts.has(other));
    for (const other of fresh) person.contacts.add(other);
    const online = fresh.filter((other) => isShownTo(one, other));
    if (person.soriSockets.size > 0 && online.length > 0) {
      tell.people([one], 'presence', { online, offline: [] });
    }
  }

  function unwatch(socketId: string): void {
    for (const userId of watched.get(socketId) ?? []) {
      const watching = watchers.get(userId);
      if (watching?.delete(socketId) && watching.size === 0) watchers.delete(userId);
    }
    watched.delete(socketId);
  }

  return {
    /**
     * Counts this socket, which is connected and has joined its rooms. Resolved once it has been told who is online
     * (the contacts; a tutorial client: everybody), or that could not be read: then it is told later. Never rejects.
     */
    async connected({ socketId, userId, speaksSori }: PresentSocket): Promise<void> {
      if (closed) return;
      let person = people.get(userId);
      if (!person) {
        person = {
          sockets: new Set(),
          soriSockets: new Set(),
          shown: false,
          changedAt: -Infinity,
          contacts: new Set(),
          blocks: new Map(),
          loading: undefined,
          loaded: false,
          unlisted: new Set(),
          cancelSettle: undefined,
          cancelRetry: undefined,
        };
        people.set(userId, person);
      }
      sockets.set(socketId, { socketId, userId, speaksSori });
      person.sockets.add(socketId);
      if (speaksSori) {
        person.soriSockets.add(socketId);
        person.unlisted.add(socketId);
      }
      settle(userId, person);
      if (!speaksSori) tutorial.connected(socketId, userId);
      if (person.loaded) list(userId, person);
      else await load(userId, person);
    },

    /** Twice, or for a socket that was never counted: nothing. */
    disconnected(socketId: string): void {
      const socket = sockets.get(socketId);
      if (!socket) return;
      sockets.delete(socketId);
      unwatch(socketId);
      tutorial.disconnected(socketId);
      const person = people.get(socket.userId);
      if (!person) return;
      for (const kind of [person.sockets, person.soriSockets, person.unlisted]) kind.delete(socketId);
      if (person.sockets.size === 0) settle(socket.userId, person);
    },

    /** Those of these people who are online and show it to the viewer, each once. Who left less than 5 s ago still is. */
    onlineAmong,

    /** From now on this socket hears of these people, and of no others that it watched before. Gives those online. */
    watch(socketId: string, userIds: readonly string[]): string[] {
      unwatch(socketId);
      // A socket that left meanwhile would be remembered for ever, and a tutorial client knows no such notice.
      if (sockets.get(socketId)?.speaksSori) {
        const ids = new Set(userIds);
        watched.set(socketId, ids);
        for (const userId of ids) {
          const watching = watchers.get(userId) ?? new Set();
          watchers.set(userId, watching.add(socketId));
        }
      }
      return onlineAmong(userIds, sockets.get(socketId)?.userId);
    },

    /**
     * To be called when two people come to share a conversation, once that is stored: from now on they hear of each
     * other, and now that the other is there. Twice is once.
     */
    sharesConversation(a: string, b: string): void {
      meet(a, [b]);
      meet(b, [a]);
    },

    /** The same for people who came into a group, and everybody who is in it now. */
    joinedGroup(newcomers: readonly string[], everybody: readonly string[]): void {
      const fresh = new Set(newcomers);
      for (const one of everybody) meet(one, fresh.has(one) ? everybody : newcomers);
    },

    /**
     * To be called when somebody left a group, once that is stored: from now on he and those with whom he shares nothing
     * else do not hear of each other. Rejects where that cannot be read.
     */
    async leftGroup(userId: string): Promise<void> {
      const person = people.get(userId);
      if (!person) return;
      const before = [...person.contacts];
      const contacts = new Set(await contactsOf(userId));
      for (const contact of before) {
        if (contacts.has(contact)) continue;
        person.contacts.delete(contact);
        people.get(contact)?.contacts.delete(userId);
      }
    },

    /**
     * To be called when one person begins to block another, or ends it, once that is stored: the one goes out for the other, or comes.
     * Who asks is answered so at once; what is told keeps to the gap.
     */
    blockChanged(userId: string, viewerId: string, blocked: boolean): void {
      const person = people.get(userId);
      if (!person) return;
      const wasShown = isShownTo(viewerId, userId);
      setBlock(userId, person, viewerId, blocked);
      if (isShownTo(viewerId, userId) === wasShown) return;
      blockNews.changed(userId, viewerId, person.changedAt + gapMs - clock.elapsed());
      tutorial.changed();
    },

    /** Forgets everybody and ends every timer. */
    close(): void {
      closed = true;
      cancelTick?.();
      tutorial.close();
      blockNews.close();
      for (const person of people.values()) {
        person.cancelSettle?.();
        person.cancelRetry?.();
      }
      for (const state of [people, sockets, watched, watchers, changed, hiders]) state.clear();
    },
  };
}
