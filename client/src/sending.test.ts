import type { Message } from '@sori/contract';
import { ApiError, type ApiErrorCode } from './api-error.js';
import type { Ask } from './connection.js';
import { createMemoryStorage, type OpenOutboxStorage } from './outbox-storage.js';
import { createSending } from './sending.js';
import { createFakeClock, settle } from './testing/clock.js';
import { alice, bob, conversationId, said } from './testing/people.js';

type Input = { to: string; message: string; clientId: string };

/** A program of Alice's, and a server that answers what it is told to; without a word it stores. */
const setUp = (open: OpenOutboxStorage = createMemoryStorage(), line = { up: true }) => {
  const clock = createFakeClock();
  const asked: Input[] = [];
  const refusals: ApiErrorCode[] = [];
  const left: string[] = [];
  const ask = ((_name: string, input: Input) => {
    asked.push(input);
    const code = refusals.shift();
    if (code !== undefined) return Promise.reject(new ApiError(code, code));
    const { clientId, message } = input;
    return Promise.resolve({ message: said(asked.length, alice, { clientId, message }) });
  }) as unknown as Ask;
  const sending = createSending({
    clock,
    ask,
    isConnected: () => line.up,
    storage: open(alice._id),
    refused: ({ text }, { code }) => left.push(`${text}: ${code}`),
  });
  return { sending, clock, asked, refusals, left, line, texts: () => asked.map(({ message }) => message) };
};
const outcome = (sent: Promise<Message>): Promise<string> =>
  sent.then(
    ({ message }) => message,
    (error: unknown) => (error instanceof ApiError ? error.code : 'something else'),
  );

describe('sending from a program', () => {
  it('says when a message is stored, after an outage too, in the order of writing', async () => {
    const { sending, line, texts } = setUp();
    line.up = false;
    const sent = ['1', '2'].map((text) => outcome(sending.send(conversationId, text)));
    await settle();
    expect(texts()).toEqual([]);
    line.up = true;
    sending.resume();
    expect(await Promise.all(sent)).toEqual(['1', '2']);
    expect(texts()).toEqual(['1', '2']);
  });

  it('sends under the same clientId again, and says what was refused for good', async () => {
    const { sending, refusals, asked, clock } = setUp();
    refusals.push('NO_ANSWER', 'REFUSED');
    const sent = [outcome(sending.send(conversationId, '1')), outcome(sending.send(conversationId, '2'))];
    await settle();
    clock.pass(1_000);
    expect(await Promise.all(sent)).toEqual(['REFUSED', '2']);
    expect(asked.map(({ message }) => message)).toEqual(['1', '1', '2']);
    expect(asked[0]?.clientId).toBe(asked[1]?.clientId);
    expect(asked[1]?.clientId).not.toBe(asked[2]?.clientId);
  });

  it('sends once what was given the same clientId twice, and says it to both', async () => {
    const { sending, texts } = setUp();
    const twice = () => outcome(sending.send(conversationId, 'once', { clientId: 'mine' }));
    expect(await Promise.all([twice(), twice()])).toEqual(['once', 'once']);
    expect(texts()).toEqual(['once']);
  });

  it('keeps for the next run what was not sent, which goes first then', async () => {
    const storage = createMemoryStorage();
    const before = setUp(storage, { up: false });
    const sent = [outcome(before.sending.send(bob._id, 'a')), outcome(before.sending.send(bob._id, 'b'))];
    await settle();
    before.sending.stop(new ApiError('ABORTED', 'Closed'));
    expect(await Promise.all(sent)).toEqual(['ABORTED', 'ABORTED']);
    expect(await outcome(before.sending.send(bob._id, 'too late'))).toBe('ABORTED');

    const after = setUp(storage);
    after.refusals.push('REFUSED');
    expect(await outcome(after.sending.send(bob._id, 'c'))).toBe('c');
    expect(after.texts()).toEqual(['a', 'b', 'c']);
    // Nobody waits for that one any more.
    expect(after.left).toEqual(['a: REFUSED']);
    await settle();
    expect(await (await storage(alice._id)).load()).toEqual([]);
  });

  it('says so where more is written than can be sent', async () => {
    const { sending, line } = setUp();
    line.up = false;
    for (let written = 0; written < 1_000; written += 1)
      void outcome(sending.send(`to ${written % 10}`, 'hello'));
    expect(await outcome(sending.send(conversationId, 'one too many'))).toBe('BUSY');
  });
});
