import { type Ask, type Clock, createAsk, createSocket, keepConnected, type SoriSocket } from '@sori/client';
import type { Conversation, Message } from '@sori/contract';
import type { DeviceConnection } from '@sori/testkit';
import type { HeldMessage, View } from './evidence.js';
import { createComings } from './comings.js';
import { createFollow } from './follow.js';
import { createManager } from './manager.js';
import { createDeviceOutbox } from './outbox.js';
import type { Person, Place } from './person.js';
import { createRandom, type Random } from './random.js';
import type { Recorder } from './recorder.js';
import { createRest } from './rest.js';

export interface DeviceDeps {
  name: string;
  person: Person;
  everybody: readonly Person[];
  connection: DeviceConnection;
  recorder: Recorder;
  seed: number;
  isDisturbed: () => boolean;
}

const emojis = ['👍', '❤️', '😂', '🎉', '👀', '🇰🇷'] as const;
const words = ['안녕하세요', 'hello', 'ㅋㅋㅋ', 'see you', '내일 봐요', '🎈', 'a\nb', '<b>&amp;'] as const;

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

export type Device = ReturnType<typeof createDevice>;

/** One device of one person: a connection, the client's machinery, habits. */
export function createDevice(deps: DeviceDeps) {
  const { name, person, everybody, connection, recorder, seed, isDisturbed } = deps;
  const userId = person._id;
  const timers = new Set<() => void>();
  const chanceOf = (what: string): Random => createRandom(seed, `${name}/${what}`);
  const waits = chanceOf('waits');
  const habit = chanceOf('habits');
  const clock: Clock = {
    now: () => Date.now(),
    after(ms, call) {
      const timer = setTimeout(() => {
        timers.delete(cancel);
        call();
      }, ms);
      const cancel = (): void => {
        clearTimeout(timer);
        timers.delete(cancel);
      };
      timers.add(cancel);
      return cancel;
    },
    random: () => waits.next(),
  };
  const rest = createRest(connection.address, person.cookie);
  let socket = openSocket();
  let stopped = false;
  let acting = false;
  const isConnected = (): boolean => socket.connected;
  const shared = { device: name, userId, clock, rest, isConnected, recorder };
  const ask: Ask = (name_, input) => createAsk(socket)(name_, input);
  const follow = createFollow({ ...shared, ask, random: chanceOf('deliveries'), isDisturbed });
  const outbox = createDeviceOutbox({ ...shared, ask, random: chanceOf('ways') });

  const comings = createComings(shared);
  // One device of each owner decides, so that what it was answered is how it is.
  const manager = name.endsWith('-0') ? createManager({ person, everybody, comings, rest, recorder }) : null;
  const own = { ...habits, members: manager ? 60 : 0 };
  let leaving = false;
  /** Groups that this device has left, as far as it knows. */
  const left = new Set<string>();

  function openSocket(): SoriSocket {
    const made = createSocket({ address: connection.address, extraHeaders: { cookie: person.cookie } });
    const mine = (): boolean => made === socket && !stopped;
    keepConnected(made, { clock, isWanted: mine });
    made.on('connect', () => {
      if (!mine()) return;
      recorder.count('connections made');
      follow.resume();
      outbox.resume();
      comings.resume();
    });
    made.on('connect_error', (error: Error & { data?: { code?: string } }) => {
      if (mine() && error.data?.code === 'UNAUTHENTICATED')
        recorder.notice({ rule: 'server', what: `${name} is signed out: ${error.message}` });
    });
    const heard =
      <Notice>(take: (notice: Notice) => void) =>
      (notice: Notice): void => {
        if (mine()) take(notice);
      };
    made.on(
      'newMessage',
      heard((message) => follow.messageTold(message)),
    );
    made.on(
      'entry',
      heard((entry) => follow.entryTold(entry)),
    );
    made.on(
      'heads',
      heard((heads) => follow.headsTold(heads)),
    );
    made.on(
      'read',
      heard((notice) => {
        if (!recorder.belongs(userId, notice.conversationId)) return;
        // Nobody may be told of what a crash can take back.
        recorder.raise(notice.conversationId, notice.userId, notice.readSeq, notice.deliveredSeq);
      }),
    );
    made.on(
      'conversation',
      heard((told) => void recorder.belongs(userId, told._id)),
    );
    made.on(
      'conversation:gone',
      heard(({ conversationId }) => {
        if (!recorder.isGroup(conversationId))
          recorder.notice({ rule: 'I11', what: `${name} was told that ${conversationId} is gone` });
        recorder.count('told to be out of a group');
        follow.goneTold(conversationId);
      }),
    );
    made.on(
      'session',
      heard(() => recorder.notice({ rule: 'server', what: `${name}: its session was ended` })),
    );
    return made;
  }

  function reload(forget: boolean, snapshots: boolean): void {
    recorder.count('pages reloaded');
    outbox.reload();
    follow.reload(forget, snapshots);
    const old = socket;
    socket = openSocket();
    old.disconnect();
    socket.connect();
  }

  /** One thing to do. Every draw is made, whatever comes of it, so the plan does not depend on what others do. */
  function act(): void {
    const kind = habit.weighted(own);
    // Most happens in few conversations.
    const place = person.places[Math.floor(habit.next() ** 2 * person.places.length)];
    const [which, how, more] = [habit.next(), habit.next(), habit.next()];
    if (!place) return;
    const { conversationId, otherId, isGroup, owns } = place;
    // Only its managers pin in a group.
    if (isGroup && kind === 'pin') return;
    // Who is not in it, or has not heard of it yet, has nothing to do there, and tries it all the same now and then.
    const mayTry = (kind === 'send' || kind === 'audit') && more < 0.3;
    if (isGroup && follow.cursorOf(conversationId) === 0 && !mayTry) return;
    const text = (index: number): string =>
      `${words[Math.floor(more * words.length)] ?? ''} ${name} ${chainOf()}.${index}`;
    const target = (own: boolean): HeldMessage | undefined => {
      const alive = follow
        .messagesOf(conversationId)
        .filter((message) => !message.deleted && (!own || message.senderId === userId))
        .slice(-25);
      return alive[Math.floor(which * alive.length)];
    };
    const change = (
      own: boolean,
    ): { conversationId: string; to: string; targetId: string; targetSeq: number } | null => {
      const found = target(own);
      return found ? { conversationId, to: conversationId, targetId: found._id, targetSeq: found.seq } : null;
    };
    switch (kind) {
      case 'send':
      case 'burst': {
        const count = kind === 'send' ? 1 : 3 + Math.floor(which * 12);
        for (let index = 0; index < count; index += 1)
          outbox.write({
            conversationId,
            // As the page does: to the person while nothing was heard of a conversation.
            to: how < 0.5 && follow.cursorOf(conversationId) > 0 ? conversationId : otherId,
            kind: 'message',
            text: text(index),
          });
        return;
      }
      case 'edit': {
        const found = change(true);
        if (found) outbox.write({ ...found, kind: 'edit', text: `edited: ${text(0)}` });
        return;
      }
      case 'delete': {
        const found = change(true);
        if (found) outbox.write({ ...found, kind: 'delete' });
        return;
      }
      case 'react': {
        const found = change(false);
        if (!found) return;
        const emoji = emojis[Math.floor(more * emojis.length)] ?? '👍';
        if (how < 0.3) outbox.write({ ...found, kind: 'react', single: { emoji, on: how < 0.2 } });
        else {
          const start = Math.floor(more * emojis.length);
          // None of them takes one's reactions away.
          const size = Math.floor((how - 0.3) * 5);
          outbox.write({ ...found, kind: 'react', emojis: emojis.slice(start, start + size) });
        }
        return;
      }
      case 'pin': {
        const found = change(false);
        if (found) outbox.write({ ...found, kind: 'pin', pinned: how < 0.7 });
        return;
      }
      case 'read':
      case 'deliver':
        void move(kind, conversationId, how);
        return;
      case 'audit':
        void audit(place, how);
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

  let chain = 0;
  /** Makes every text another one: an edit that changes nothing would make no entry. */
  const chainOf = (): number => {
    chain += 1;
    return chain;
  };

  /** Who left here comes back the next time, if nobody has taken them out meanwhile. */
  async function leaveOrReturn(conversationId: string): Promise<void> {
    if (leaving) return;
    leaving = true;
    if (left.delete(conversationId)) {
      const answered = recorder.mayComeBack(conversationId, userId);
      await comings.ask({ conversationId, change: 'joined', whom: userId });
      answered();
    } else if (await comings.ask({ conversationId, change: 'left', whom: userId })) left.add(conversationId);
    leaving = false;
  }

  async function move(kind: 'read' | 'deliver', conversationId: string, how: number): Promise<void> {
    const cursor = follow.cursorOf(conversationId);
    if (cursor === 0 || !isConnected()) return;
    // Sometimes behind what was said before, sometimes beyond the end: neither may do anything.
    const seq = how < 0.2 ? Math.floor(cursor * how * 5) : how > 0.95 ? cursor + 1_000 : cursor;
    const before = recorder.receiptOf(conversationId, userId);
    try {
      const after = await ask(kind === 'read' ? 'read:set' : 'delivered:set', { conversationId, seq });
      recorder.count(`${kind}: acknowledged`);
      if (after.readSeq < before.readSeq || after.deliveredSeq < before.deliveredSeq)
        recorder.notice({
          rule: 'I8',
          what: `${name} was answered ${after.readSeq}/${after.deliveredSeq} of ${conversationId} after ${before.readSeq}/${before.deliveredSeq}`,
        });
      recorder.raise(conversationId, userId, after.readSeq, after.deliveredSeq);
    } catch {
      // A position is sent anew with the next one; nothing waits for it.
    }
  }

  /** Reads what REST says, at any moment: what was acknowledged before must be in it. */
  async function audit({ conversationId, isGroup }: Place, how: number): Promise<void> {
    const floor = recorder.floorOf(conversationId);
    const short = (what: string, seq: number): void => {
      if (seq < floor)
        recorder.notice({
          rule: 'visible',
          what: `${what} of ${conversationId} shows ${seq} after ${floor} was acknowledged`,
        });
    };
    try {
      if (how < 0.35) {
        const list = (await rest('GET', '/api/conversations?limit=100')).body as Conversation[];
        for (const told of list) recorder.belongs(userId, told._id);
        const told = list.find(({ _id }) => _id === conversationId);
        // Somebody who was taken out of a group meanwhile has it no more.
        if (told || !isGroup) short('the list', told?.headSeq ?? 0);
        for (const { lastMessage } of list) if (lastMessage) recorder.messageCame(userId, lastMessage);
      } else if (how < 0.65) {
        const history = (await rest('GET', `/api/messages/${conversationId}?limit=20`)).body as Message[];
        for (const message of history) recorder.messageCame(userId, message);
        short('the history', history.at(-1)?.seq ?? 0);
      } else if (floor > 0) {
        const told = (await rest('GET', `/api/conversations/${conversationId}`)).body as Conversation;
        short('the conversation', told.headSeq);
      }
      recorder.count('audits');
    } catch {
      // Away, or not answering: there was nothing to look at.
    }
  }

  const rhythm = chanceOf('rhythm');
  const live = (): void => {
    clock.after(rhythm.whole(150, 1_400), () => {
      if (!acting) return;
      act();
      live();
    });
  };

  return {
    name,
    connection,
    userId,
    open: (): void => void socket.connect(),
    begin(): void {
      acting = true;
      live();
    },
    /** Nothing new is begun; what waits goes on. */
    rest(): void {
      acting = false;
    },
    /** One more message to every conversation, which shows each follower at once where it stands. */
    lastWord(): void {
      for (const { conversationId, otherId, isGroup } of person.places) {
        if (isGroup && follow.cursorOf(conversationId) === 0) continue;
        outbox.write({
          conversationId,
          to: otherId,
          kind: 'message',
          text: `last word ${name} ${chainOf()}`,
        });
      }
    },
    waiting: (): number => outbox.waiting() + comings.waiting(),
    isConnected,
    cursorOf: follow.cursorOf,
    views: (): View[] => follow.views(),
    restCall: rest,
    person,
    stop(): void {
      stopped = true;
      acting = false;
      outbox.stop();
      follow.stop();
      for (const cancel of [...timers]) cancel();
      socket.disconnect();
      connection.close();
    },
  };
}
