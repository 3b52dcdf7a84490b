import type { Audience } from '../../core/audience.js';
import type { EntryRow, MessageRow } from '../../log/entries.model.js';
import type { Clock } from '../../realtime/clock.js';

/** Told with every reaction until they are so many bytes; then, until this time is over, with the last one only. */
const targetBytesMax = 16 * 1024;
const gapMs = 250;

/** What a name among those who reacted takes, and roughly what a message takes beside its text. Bytes. */
const nameBytes = 27;
const frameBytes = 500;

/** An entry of a conversation with the message that it is about, and who hears of it. */
export interface Telling {
  entry: EntryRow;
  target: MessageRow | undefined;
  audience: Audience;
  /** Another reaction to the same message is told right behind this one, and brings the message as it then is. */
  overtaken: boolean;
}

interface Pace {
  bytes: number;
  waiting: Telling[];
  /** The newest state of what the waiting ones are about, by seq: each state may name thousands. */
  targets: Map<number, MessageRow>;
  cancel: () => void;
}

/**
 * Each reaction is told with the whole message as it now is. Where a thousand people react to one, that would be the same
 * text a thousand times to everybody there, so those that come faster than a line can bear wait a quarter of a second for
 * each other, and one message goes out for all of them.
 */
export function createReactionPace(tell: (telling: Telling) => void, { after }: Pick<Clock, 'after'>) {
  const busy = new Map<string, Pace>();

  function start(conversationId: string): Pace {
    const pace: Pace = { bytes: 0, waiting: [], targets: new Map(), cancel: () => undefined };
    pace.cancel = after(gapMs, () => {
      busy.delete(conversationId);
      if (pace.waiting.length > 0) tellWaiting(start(conversationId), pace);
    });
    busy.set(conversationId, pace);
    return pace;
  }

  function tellWaiting(next: Pace, { waiting, targets }: Pace): void {
    for (const target of targets.values()) next.bytes += bytesOf(target);
    const last = new Map(waiting.map(({ entry }, index) => [targetSeqOf(entry), index]));
    for (const [index, { entry, audience }] of waiting.entries()) {
      const seq = targetSeqOf(entry);
      tell({ entry, target: targets.get(seq), audience, overtaken: last.get(seq) !== index });
    }
  }

  return function paced(telling: Omit<Telling, 'overtaken'>): void {
    const { entry, target } = telling;
    const conversationId = entry.conversationId.toHexString();
    let pace = busy.get(conversationId);
    if (entry.kind !== 'react' || !target) {
      // Told in the order of the log.
      if (pace && pace.waiting.length > 0) {
        pace.cancel();
        busy.delete(conversationId);
        tellWaiting(start(conversationId), pace);
      }
      tell({ ...telling, overtaken: false });
      return;
    }
    pace ??= start(conversationId);
    if (pace.bytes < targetBytesMax && pace.waiting.length === 0) {
      pace.bytes += bytesOf(target);
      tell({ ...telling, overtaken: false });
      return;
    }
    pace.waiting.push({ ...telling, target: undefined, overtaken: false });
    pace.targets.set(entry.targetSeq, target);
  };
}

const targetSeqOf = (entry: EntryRow): number => ('targetSeq' in entry ? entry.targetSeq : 0);

/** About what it takes as it is told, without writing it: at most fifty are named for each of twenty kinds. */
const bytesOf = ({ message, reactions }: MessageRow): number =>
  frameBytes + message.length * 2 + Math.min(reactions.length, 1_000) * nameBytes;
