import { type Attempts, createAttempts } from './attempts.js';
import { type CountIn, countInMemory, createLimit, type Limit } from './limit.js';
import { createPairLimit, type PairLimit } from './pair-limit.js';

/** 0 switches a limit off. */
export interface LimitSettings {
  signupsPerAddressHour: number;
  /** In 15 minutes, per account and address together. */
  loginFailuresPerAccount: number;
  /** In 15 minutes. */
  loginFailuresPerAddress: number;
  sendsPerUser10s: number;
  eventsPerSocket10s: number;
  /** All of REST; heavy calls cost more than one. */
  requestsPerUser10s: number;
  requestsPerAddress10s: number;
  /** People put into groups by one person. */
  addsPerUserHour: number;
  /** Right and wrong ones. */
  loginsPerAddressMinute: number;
  /** Open rooms made by one person. */
  roomsPerUserHour: number;
  /** Comings and goings emitted in one room; what is beyond is emitted as a count. */
  comingsPerRoom10s: number;
  reportsPerUserHour: number;
}

/** Every limit on how often something may be done. REST and sockets ask the same ones. */
export interface Limits {
  /** Key: an address as `addressOf` writes it. */
  signupsPerAddress: Limit;
  /** Key: an address. People without an account who enter a room: several may come for each who signs up. */
  guestsPerAddress: Limit;
  /** Keys: the address, then what `accountAndAddress` makes. */
  logins: Attempts;
  /** Key: a user id, or the address of somebody who has none. Shared by all doors. */
  sendsPerUser: Limit;
  /** Key: an address. What all who are there emit together, beside the messages of accounts. */
  sendsPerAddress: Limit;
  /** Key: a socket id; `forget` it when the socket is gone. */
  eventsPerSocket: Limit;
  /** Key: a user id. The events of all their sockets. */
  eventsPerUser: Limit;
  /** Key: what `emitsKey` makes. Events that are emitted to others beside messages. */
  emitsPerUser: Limit;
  /** Key: a user id. All of REST; heavy calls cost more than one. */
  requestsPerUser: Limit;
  /** Key: an address. */
  requestsPerAddress: Limit;
  /** Key: a user id. Sockets that come in, whether they stay or not. */
  connectsPerUser: Limit;
  /** Key: an address. The same before anybody knows whose they are. */
  connectsPerAddress: Limit;
  /** Key: a user id. People put into groups by one person, one each. */
  addsPerUser: Limit;
  /** The same person by the same one. Off where `addsPerUser` is. */
  addsPerPair: PairLimit;
  /** Key: an address. Log-ins, right and wrong. */
  loginsPerAddress: Limit;
  /** Key: a user id. */
  roomsPerUser: Limit;
  /** Key: a conversation id. Comings and goings that are emitted one by one. */
  comingsPerRoom: Limit;
  /** Key: a user id. */
  reportsPerUser: Limit;
}

const guestsPerSignup = 5;
const peoplePerAddress = 5;
/** So many tabs of one person may each do all that one may: of those that are open, few do much at the same time. */
const busyTabs = 20;
const addsPerPairHour = 10;
const tenSeconds = 10;
const minute = 60;
const quarterHour = 15 * 60;
const hour = 60 * 60;

/** The address is part of it, so that whoever guesses from one place cannot lock the owner out elsewhere. */
export const accountAndAddress = (usernameKey: string, address: string): string =>
  `${address} ${usernameKey}`;

/** Each kind by itself, so that what all tabs send by themselves leaves what a person does in one of them alone. */
export const emitsKey = (event: string, userId: string): string => `${event} ${userId}`;

export function createLimits(settings: LimitSettings, countIn: CountIn = countInMemory): Limits {
  const limit = (name: string, most: number, windowSeconds: number): Limit =>
    createLimit({ name, most, windowSeconds }, countIn);
  const bucket = (name: string, most: number): Limit =>
    createLimit({ name, most, windowSeconds: tenSeconds, capped: true }, countIn);
  return {
    signupsPerAddress: limit('signups', settings.signupsPerAddressHour, hour),
    guestsPerAddress: limit('guests', settings.signupsPerAddressHour * guestsPerSignup, hour),
    logins: createAttempts([
      limit('login-address', settings.loginFailuresPerAddress, quarterHour),
      limit('login-account', settings.loginFailuresPerAccount, quarterHour),
    ]),
    sendsPerUser: limit('sends', settings.sendsPerUser10s, tenSeconds),
    sendsPerAddress: limit('sends-address', settings.sendsPerUser10s * peoplePerAddress, tenSeconds),
    eventsPerSocket: bucket('events', settings.eventsPerSocket10s),
    eventsPerUser: bucket('events-user', settings.eventsPerSocket10s * busyTabs),
    emitsPerUser: bucket('emits', settings.eventsPerSocket10s * 2),
    requestsPerUser: bucket('requests-user', settings.requestsPerUser10s),
    requestsPerAddress: bucket('requests-address', settings.requestsPerAddress10s),
    // As many as requests over REST: either is a look at who is asking, and what a page needs to begin.
    connectsPerUser: limit('connects-user', settings.requestsPerUser10s, tenSeconds),
    connectsPerAddress: limit('connects-address', settings.requestsPerAddress10s, tenSeconds),
    addsPerUser: limit('adds', settings.addsPerUserHour, hour),
    addsPerPair: createPairLimit({
      most: settings.addsPerUserHour === 0 ? 0 : addsPerPairHour,
      windowSeconds: hour,
    }),
    loginsPerAddress: limit('logins', settings.loginsPerAddressMinute, minute),
    roomsPerUser: limit('rooms', settings.roomsPerUserHour, hour),
    comingsPerRoom: limit('comings', settings.comingsPerRoom10s, tenSeconds),
    reportsPerUser: limit('reports', settings.reportsPerUserHour, hour),
  };
}
