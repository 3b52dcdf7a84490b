import { toAppError } from '../../core/errors.js';
import type { Clock } from '../../realtime/clock.js';
import type { Emitter, EmitToSockets } from '../../realtime/emitter.js';
import { createAlike } from './alike.js';
import { createBlockNews } from './block-news.js';
import { type Circle, createCircles } from './circles.js';
import { createTutorialList } from './tutorial-list.js';

export interface PresenceDeps {
  /** With whom this person shares a direct conversation that has entries, and which groups they are in; rooms do not count. */
  circleOf: (userId: string) => Promise<Circle>;
  /** Those whom this person blocks: they are not shown that this person is here. */
  blockedBy: (userId: string) => Promise<Iterable<string>>;
  emit: Pick<Emitter, 'toPeople'>;
  emitToSockets: EmitToSockets;
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
  /** Whom this person blocks, or (false) no longer does. Read once, on coming online, together with who is around them. */
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
  const { circleOf, blockedBy, emit, emitToSockets, clock, report } = deps;
  const people = new Map<string, Present>();
  const circles = createCircles();
  const sockets = new Map<string, PresentSocket>();
  const watched = new Map<string, ReadonlySet<string>>();
  const watchers = new Map<string, Set<string>>();
  const changed = new Set<string>();
  let cancelTick: (() => void) | undefined;
  let closed = false;

  /** Those who are here and block this person. */
  const hiders = new Map<string, Set<string>>();

  /** To anybody at all: not before it is known whom this person blocks. */
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
    emitToSockets,
    clock,
  });

  const blockNews = createBlockNews({ emitState, gapMs, clock });

  /** To who knows that person or watches them, and as it is now: they may have gone meanwhile. */
  function emitState(userId: string, viewerId: string): void {
    const change = isShownTo(viewerId, userId)
      ? { online: [userId], offline: [] }
      : { online: [], offline: [userId] };
    if (circles.share(viewerId, userId)) emit.toPeople([viewerId], 'presence', change);
    else {
      const watching = [...(watchers.get(userId) ?? [])];
      emitToSockets(
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
    circles.close(userId);
  }

  function queue(userId: string): void {
    changed.add(userId);
    cancelTick ??= clock.after(tickMs, emitChanges);
  }

  function emitChanges(): void {
    cancelTick = undefined;
    const [toPeople, toSockets] = [createAlike(), createAlike()];
    for (const userId of changed) {
      const person = people.get(userId);
      // Who is still being read is queued again when that is done.
      if (!person?.loaded) continue;
      const around = circles.around(userId);
      toPeople.add(
        [...around].filter((id) => isListening(id) && !hiders.get(id)?.has(userId)),
        userId,
        person.shown,
      );
      const watching = [...(watchers.get(userId) ?? [])].filter((socketId) => {
        const owner = sockets.get(socketId)?.userId;
        const isEmitted = owner === undefined || owner === userId || around.has(owner);
        return !isEmitted && !hiders.get(owner)?.has(userId);
      });
      toSockets.add(watching, userId, person.shown);
    }
    changed.clear();
    toPeople.each((userIds, change) => emit.toPeople(userIds, 'presence', change));
    toSockets.each((socketIds, change) => emitToSockets(socketIds, 'presence', change));
  }

  /** Has a page that has had its list, and is told from then on what changes of it. */
  function isListening(userId: string): boolean {
    const person = people.get(userId);
    return person?.loaded === true && person.soriSockets.size > 0;
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

  /** Reads who is around somebody once; then those sockets that wait for it get their list. */
  function load(userId: string, person: Present): Promise<void> {
    return (person.loading ??= Promise.all([circleOf(userId), blockedBy(userId)]).then(
      ([circle, blocked]) => {
        // Gone, or even back again since then.
        if (closed || people.get(userId) !== person) return;
        circles.know(userId, circle);
        // What changed meanwhile is newer than what was read.
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
    emitToSockets(person.unlisted, 'getOnlineUsers', onlineAmong(circles.around(userId), userId));
    person.unlisted.clear();
  }

  /** Tells each of these that the others, whom they did not know, are there; whose list is still to come finds them in it. */
  function introduce(pairs: Iterable<[userId: string, fresh: Iterable<string>]>): void {
    const news = createAlike();
    for (const [userId, fresh] of pairs) {
      const hearing = [...fresh].filter((id) => isListening(id) && isShownTo(id, userId));
      news.add(hearing, userId, true);
    }
    news.each((userIds, change) => emit.toPeople(userIds, 'presence', change));
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
     * (of those around them; a tutorial client: everybody), or that could not be read: then it is told later. Never rejects.
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
          blocks: new Map(),
          loading: undefined,
          loaded: false,
          unlisted: new Set(),
          cancelSettle: undefined,
          cancelRetry: undefined,
        };
        people.set(userId, person);
        circles.open(userId);
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
      const fresh = new Set(newcomers.filter((id) => people.has(id)));
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
      for (const one of fresh) circles.enter(one, groupId);
      introduce([...pairs, ...unknown]);
    },

    /**
     * To be called when people left a group, once that is stored: from now on they and those with whom they share nothing
     * else do not hear of each other.
     */
    leftGroup(groupId: string, userIds: readonly string[]): void {
      for (const userId of userIds) circles.leave(userId, groupId);
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
      circles.clear();
      for (const state of [people, sockets, watched, watchers, changed, hiders]) state.clear();
    },
  };
}
