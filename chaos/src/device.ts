import { type Ask, createAsk, type SoriSocket } from '@sori/client';
import type { DeviceConnection } from '@sori/testkit';
import type { View } from './evidence.js';
import { createComings } from './comings.js';
import type { Crossings } from './crossing.js';
import { createDeviceClock } from './device-clock.js';
import { openDeviceSocket } from './device-socket.js';
import { createFollow } from './follow.js';
import { createHabits } from './habits.js';
import { createManager } from './manager.js';
import { createDeviceOutbox } from './outbox.js';
import type { Person, Place } from './person.js';
import { createRandom, type Random } from './random.js';
import type { Recorder } from './recorder.js';
import { createRest } from './rest.js';
import type { Route } from './route.js';
import { createSeenOnline } from './seen-online.js';
import { createWhereabouts } from './whereabouts.js';
import { createWriting } from './writing.js';

export interface DeviceDeps {
  name: string;
  person: Person;
  everybody: readonly Person[];
  connection: DeviceConnection;
  route: Route;
  crossings: Crossings;
  recorder: Recorder;
  seed: number;
  isDisturbed: () => boolean;
}

export type Device = ReturnType<typeof createDevice>;

/** One device of one person: a connection, the client's machinery, habits. */
export function createDevice(deps: DeviceDeps) {
  const { name, person, everybody, connection, route, crossings, recorder, seed, isDisturbed } = deps;
  const userId = person._id;
  const chanceOf = (what: string): Random => createRandom(seed, `${name}/${what}`);
  const clock = createDeviceClock(chanceOf('waits'));
  const rest = createRest(connection.address, person.cookie);
  let stopped = false;
  let acting = false;
  const seenOnline = createSeenOnline();
  const whereabouts = createWhereabouts({ socket: () => socket, route, seenOnline });
  const isConnected = (): boolean => socket.connected;
  const ask: Ask = (name_, input) => createAsk(socket)(name_, input);
  const shared = { device: name, userId, clock, ask, rest, isConnected, recorder };
  const follow = createFollow({ ...shared, random: chanceOf('deliveries'), isDisturbed });
  const outbox = createDeviceOutbox({ ...shared, random: chanceOf('ways') });
  const comings = createComings(shared);
  const writing = createWriting({ device: name, userId, follow, outbox });
  const habits = createHabits({
    ...shared,
    person,
    random: chanceOf('habits'),
    follow,
    writing,
    comings,
    // One device of each owner decides, so that what it was answered is how it is.
    manager: name.endsWith('-0') ? createManager({ person, everybody, comings, rest, recorder }) : null,
    reload,
  });
  let socket = openSocket();

  function openSocket(): SoriSocket {
    return openDeviceSocket({
      ...{ device: name, person, address: connection.address, clock, recorder },
      ...{ follow, outbox, comings, route, seenOnline, crossings },
      isWanted: () => !whereabouts.isAway(),
      isCurrent: (one) => one === socket && !stopped,
    });
  }

  function reload(forget: boolean, snapshots: boolean): void {
    recorder.count('pages reloaded');
    outbox.reload();
    follow.reload(forget, snapshots);
    const old = socket;
    seenOnline.forget();
    socket = openSocket();
    old.disconnect();
    socket.connect();
  }

  const rhythm = chanceOf('rhythm');
  const live = (): void => {
    clock.after(rhythm.whole(150, 1_400), () => {
      if (!acting) return;
      if (!whereabouts.isAway()) habits.act();
      live();
    });
  };

  /** Those that this person can write to now. */
  const ownPlaces = (): Place[] =>
    person.places.filter((place) => !place.isGroup || follow.cursorOf(place.conversationId) > 0);

  return {
    name,
    connection,
    userId,
    open: (): void => void socket.connect(),
    ...whereabouts,
    ownPlaces,
    /** One more message to every conversation of theirs, of which it is written down on which server it was said. */
    crossingWord(): void {
      for (const place of ownPlaces()) crossings.says(writing.lastWord(place, true), route.server());
    },
    begin(): void {
      acting = true;
      live();
    },
    /** Nothing new is begun; what waits goes on. */
    rest(): void {
      acting = false;
    },
    /** One more message to every conversation of theirs. */
    lastWord(): void {
      for (const place of ownPlaces()) writing.lastWord(place);
    },
    waiting: (): number => outbox.waiting() + comings.waiting(),
    isConnected,
    cursorOf: follow.cursorOf,
    isFollowed: follow.isFollowed,
    views: (): View[] => follow.views(),
    restCall: rest,
    person,
    stop(): void {
      stopped = true;
      acting = false;
      outbox.stop();
      follow.stop();
      clock.stop();
      socket.disconnect();
      connection.close();
    },
  };
}
