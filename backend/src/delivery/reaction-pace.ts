import type { Person } from '@sori/contract';
import type { Audience } from '../core/audience.js';
import type { EntryRow, MessageRow } from '../conversation-log/entries.model.js';
import { reactionsShown } from '../conversation-log/reactions-shown.js';
import type { Clock } from '../realtime/clock.js';

/** Emitted with every reaction until they are so many bytes; then, until this time is over, with the last one only. */
const targetBytesMax = 16 * 1024;
const gapMs = 250;

/** So much that is no reaction waits at most: it is held in memory, text and all. */
const othersWaitingMax = 100;

/** About what a name among those who reacted takes, an emoji with its count, and a message beside its text. Bytes. */
const nameBytes = 27;
const kindBytes = 60;
const frameBytes = 500;

/** An entry of a conversation with the message that it is about, and its recipients. */
export interface Emission {
  entry: EntryRow;
  target: MessageRow | undefined;
  audience: Audience;
  /** Who comes, of an entry that says so. */
  people?: readonly Person[] | undefined;
  /** Another reaction to the same message is emitted behind this one, and brings the message as it then is. */
  overtaken: boolean;
}

interface Pace {
  bytes: number;
  waiting: Omit<Emission, 'overtaken'>[];
  /** The newest state of what the waiting reactions are about, by seq: each state may name thousands. */
  targets: Map<number, MessageRow>;
  othersWaiting: number;
  cancel: () => void;
}

/**
 * Each reaction is emitted with the whole message as it now is. With a thousand people reacting to one, that is the same
 * text a thousand times to everybody there, so those that come faster than a connection can bear wait a quarter of a
 * second for each other, and one message goes out for all of them. What comes behind them in the same conversation
 * waits with them: it is emitted in the order of the log, and would otherwise bring the message once for every entry
 * that somebody puts between.
 */
export function createReactionPace(emit: (emission: Emission) => void, { after }: Pick<Clock, 'after'>) {
  const busy = new Map<string, Pace>();

  function start(conversationId: string): Pace {
    const pace: Pace = {
      bytes: 0,
      waiting: [],
      targets: new Map(),
      othersWaiting: 0,
      cancel: after(gapMs, () => end(conversationId, pace)),
    };
    busy.set(conversationId, pace);
    return pace;
  }

  function end(conversationId: string, pace: Pace): void {
    pace.cancel();
    busy.delete(conversationId);
    if (pace.waiting.length > 0) emitWaiting(start(conversationId), pace);
  }

  function emitWaiting(next: Pace, { waiting, targets }: Pace): void {
    for (const target of targets.values()) next.bytes += bytesOf(target);
    const last = new Map<number, EntryRow>();
    for (const { entry } of waiting) if (entry.kind === 'react') last.set(entry.targetSeq, entry);
    for (const emission of waiting) {
      const { entry, audience } = emission;
      const target = entry.kind === 'react' ? targets.get(entry.targetSeq) : undefined;
      // What is no reaction brings its own state; so does a reaction to what was swept, which is none.
      if (entry.kind !== 'react' || !target) emit({ ...emission, overtaken: false });
      else emit({ entry, target, audience, overtaken: last.get(entry.targetSeq) !== entry });
    }
  }

  return function paced(emission: Omit<Emission, 'overtaken'>): void {
    const { entry, target } = emission;
    const conversationId = entry.conversationId.toHexString();
    let pace = busy.get(conversationId);
    const reactedTo = entry.kind === 'react' ? target : undefined;
    if (reactedTo) pace ??= start(conversationId);
    if (!pace || (pace.waiting.length === 0 && (!reactedTo || pace.bytes < targetBytesMax))) {
      if (pace && reactedTo) pace.bytes += bytesOf(reactedTo);
      emit({ ...emission, overtaken: false });
      return;
    }
    if (reactedTo) {
      pace.waiting.push({ ...emission, target: undefined });
      pace.targets.set(reactedTo.seq, reactedTo);
      return;
    }
    pace.waiting.push(emission);
    pace.othersWaiting += 1;
    if (pace.othersWaiting >= othersWaitingMax) end(conversationId, pace);
  };
}

/** About what it takes as it is emitted, without writing it. */
function bytesOf({ message, reactions }: MessageRow): number {
  let bytes = frameBytes + Buffer.byteLength(message);
  for (const { userIds } of reactionsShown(reactions)) bytes += kindBytes + userIds.length * nameBytes;
  return bytes;
}
