import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import mongoose from 'mongoose';

import { commandOf, guarded, serveConnection, type Exchange } from './wire-protocol.js';

const { BSON } = mongoose.mongo;

function header(length: number, opCode: number, requestId = 7): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeInt32LE(length, 0);
  bytes.writeInt32LE(requestId, 4);
  bytes.writeInt32LE(opCode, 12);
  return bytes;
}

function message(
  body: object,
  { flags = 0, before = Buffer.alloc(0) }: { flags?: number; before?: Buffer } = {},
): Buffer {
  const flagBytes = Buffer.alloc(4);
  flagBytes.writeUInt32LE(flags);
  const rest = Buffer.concat([flagBytes, before, Buffer.from([0]), BSON.serialize(body)]);
  return Buffer.concat([header(16 + rest.length, 2013), rest]);
}

function query(body: object): Buffer {
  const rest = Buffer.concat([
    Buffer.alloc(4),
    Buffer.from('admin.$cmd\0'),
    Buffer.alloc(8),
    BSON.serialize(body),
  ]);
  return Buffer.concat([header(16 + rest.length, 2004), rest]);
}

/** A document sequence, which may stand before the command's own body. */
function sequence(): Buffer {
  const content = Buffer.concat([Buffer.from('documents\0'), BSON.serialize({ endSessions: 1 })]);
  const size = Buffer.alloc(4);
  size.writeInt32LE(content.length + 4);
  return Buffer.concat([Buffer.from([1]), size, content]);
}

const response = Buffer.from(BSON.serialize({ from: 'the engine' }));
const engine: Exchange = (bytes) =>
  Promise.resolve({ requestId: bytes.readInt32LE(4), moreToCome: false, legacy: false, response });

describe('the guard before the engine', () => {
  it('reads the name of a command, wherever its body stands', () => {
    expect(commandOf(message({ find: 'notes' }))).toBe('find');
    expect(commandOf(message({ insert: 'notes' }, { before: sequence() }))).toBe('insert');
    expect(commandOf(query({ isMaster: 1 }))).toBe('isMaster');
    expect(commandOf(Buffer.alloc(16))).toBeNull();
    expect(commandOf(header(16, 1))).toBeNull();
  });

  it.each([
    'startSession',
    'endSessions',
    'killSessions',
    'killAllSessions',
    'killAllSessionsByPattern',
    'ENDSESSIONS',
  ])('answers %s itself', async (name) => {
    const asked = jest.fn(engine);
    for (const bytes of [message({ [name]: [] }), query({ [name]: [] })]) {
      const reply = await guarded(asked)(bytes);
      expect(BSON.deserialize(reply.response)).toEqual({ ok: 1 });
      expect(reply.requestId).toBe(7);
    }
    expect(asked).not.toHaveBeenCalled();
  });

  it('sends no reply to a driver that wants none', async () => {
    expect(await guarded(engine)(message({ endSessions: [] }, { flags: 2 }))).toMatchObject({
      moreToCome: true,
    });
  });

  it('hands everything else to the engine', async () => {
    expect(BSON.deserialize((await guarded(engine)(message({ ping: 1 }))).response)).toEqual({
      from: 'the engine',
    });
  });
});

describe('a connection to the database', () => {
  let folder: string;
  let server: Server;
  let client: Socket;
  let served: Buffer[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sori-test-'));
    served = [];
    const exchange: Exchange = (bytes) => {
      served.push(Buffer.from(bytes));
      return engine(bytes);
    };
    server = createServer((socket) => serveConnection(exchange, socket)).listen(join(folder, 'wire.sock'));
    await once(server, 'listening');
    client = createConnection(join(folder, 'wire.sock'));
    await once(client, 'connect');
  });
  afterEach(async () => {
    client.destroy();
    server.close();
    await once(server, 'close');
    rmSync(folder, { recursive: true });
  });

  const bytesBack = async (wanted: number): Promise<Buffer> => {
    let got: Buffer = Buffer.alloc(0);
    for await (const chunk of client.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      got = Buffer.concat([got, chunk]);
      if (got.length >= wanted) break;
    }
    return got;
  };

  it('understands messages however they are cut into pieces', async () => {
    const whole = Buffer.concat([
      message({ ping: 1 }),
      message({ ping: 2 }),
      message({ insert: 'notes', text: 'ㅎ'.repeat(500) }),
    ]);
    for (let at = 0; at < whole.length; at += 37) client.write(whole.subarray(at, at + 37));
    const back = await bytesBack(3 * (21 + response.length));
    expect(Buffer.concat(served)).toEqual(whole);
    // Each reply says which request it answers, and the replies are numbered.
    expect(back.readInt32LE(8)).toBe(7);
    expect([0, 1, 2].map((n) => back.readInt32LE(n * (21 + response.length) + 4))).toEqual([1, 2, 3]);
  });

  it('ends when the length of a message cannot be true', async () => {
    client.write(header(3, 2013));
    await once(client, 'close');
    expect(served).toEqual([]);
  });
});
