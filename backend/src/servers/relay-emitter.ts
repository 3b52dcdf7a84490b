import type { Notice, NoticeName } from '@sori/contract';
import { Types } from 'mongoose';
import type { Emitter } from '../realtime/emitter.js';
import type { Link } from './link.js';
import { channels } from './publications.js';
import type { Subscriptions } from './subscriptions.js';

export interface RelayEmitterDeps {
  /** To the sockets of this server. */
  here: Emitter;
  link: Pick<Link, 'publish' | 'publishOver' | 'on'>;
  subscriptions: Pick<Subscriptions, 'joined' | 'left' | 'in'>;
}

/** More people than this are named in one publication to their conversation, instead of one to each. */
const singly = 2;

const toIds = (userIds: readonly string[]): Types.ObjectId[] => userIds.map((id) => new Types.ObjectId(id));

/** The conversation that a notice is about, if it is about one. */
const conversationOf = (notice: object): string | undefined =>
  'conversationId' in notice && typeof notice.conversationId === 'string' ? notice.conversationId : undefined;

/** A notice by which somebody comes into a group or room, or goes: this server listens to it from then on, or no longer. */
function noticeMembership(
  { joined, left }: Pick<Subscriptions, 'joined' | 'left'>,
  userIds: Iterable<string>,
  name: NoticeName,
  notice: object,
): void {
  if (name === 'conversation') {
    const { _id, kind } = notice as Notice<'conversation'>;
    if (kind !== 'direct') for (const userId of userIds) joined(userId, _id);
  } else if (name === 'conversation:gone') {
    const { conversationId } = notice as Notice<'conversation:gone'>;
    for (const userId of userIds) left(userId, conversationId);
  }
}

/** The emitter of this server alone, which knows by what it emits who is in which conversation. */
export const createEmitterHere = (
  here: Emitter,
  subscriptions: Pick<Subscriptions, 'joined' | 'left'>,
): Emitter => ({
  ...here,
  toPeople(userIds, name, notice) {
    here.toPeople(userIds, name, notice);
    noticeMembership(subscriptions, userIds, name, notice);
  },
});

/**
 * Emits to people's sockets on all servers. What was stored does not go this way: each server hears of the entry and emits
 * it, and what follows from it, to its own.
 */
export function createRelayEmitter({ here, link, subscriptions }: RelayEmitterDeps): Emitter {
  link.on('notice', ({ name, notice, to, except = [] }, channel) => {
    const [kind, id = ''] = channel.split(':');
    if (kind === 'p') {
      here.toPeople([id], name, notice as never);
      return;
    }
    const not = new Set(except.map((userId) => userId.toHexString()));
    const those = to?.map((userId) => userId.toHexString()) ?? subscriptions.in(id);
    here.toPeople(
      [...those].filter((userId) => !not.has(userId)),
      name,
      notice as never,
    );
  });
  link.on('sessionEnded', ({ sessionId, reason }) => here.endSession(sessionId, reason));
  link.on('watched', ({ topic, name, notice }) => here.toWatchers(topic, name, notice as never));

  function publish(userIds: readonly string[], name: NoticeName, notice: object): void {
    const conversationId = conversationOf(notice);
    if (conversationId !== undefined && userIds.length > singly) {
      link.publish(channels.conversation(conversationId), 'notice', { name, notice, to: toIds(userIds) });
    } else link.publishOver(userIds.map(channels.person), 'notice', { name, notice });
  }

  return {
    ...here,
    toPeople(userIds, name, notice) {
      const those = [...userIds];
      here.toPeople(those, name, notice);
      publish(those, name, notice);
    },
    toOthersIn(conversation, except, name, notice) {
      here.toOthersIn(conversation, except, name, notice);
      const { conversationId, kind, participants } = conversation;
      if (kind === 'direct') {
        const others = participants.filter((id) => !except.includes(id));
        link.publishOver(others.map(channels.person), 'notice', { name, notice });
        return;
      }
      link.publish(channels.conversation(conversationId), 'notice', {
        name,
        notice,
        except: except.length > 0 ? toIds(except) : undefined,
      });
    },
    toWatchers(topic, name, notice) {
      here.toWatchers(topic, name, notice);
      link.publish(channels.servers, 'watched', { topic, name, notice });
    },
    endSession(sessionId, reason) {
      here.endSession(sessionId, reason);
      link.publish(channels.servers, 'sessionEnded', { sessionId, reason });
    },
  };
}
