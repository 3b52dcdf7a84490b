import { ApiError, type ApiErrorCode } from '@sori/client';
import { createComings } from './comings.js';
import { createRecorder } from './recorder.js';

const refusal = (code: ApiErrorCode): ApiError => new ApiError(code, code);

/** A device whose connection answers what it is told to, one try after the other; its clock goes on at once. */
function device(...answers: object[]) {
  const asked: { method: string; path: string; body: object | undefined }[] = [];
  const recorder = createRecorder(new Map([['g1', ['alice', 'bob']]]), new Set(['g1']));
  const connection = { isThere: true };
  const comings = createComings({
    device: 'alice-0',
    userId: 'alice',
    clock: {
      now: () => 0,
      random: () => 0,
      after: (_ms, call) => {
        const timer = setImmediate(call);
        return () => clearImmediate(timer);
      },
    },
    rest: (method, path, body) => {
      asked.push({ method, path, body });
      const answer = answers.shift();
      return answer instanceof ApiError || answer === undefined
        ? Promise.reject(answer ?? new Error('Asked too often'))
        : Promise.resolve({ body: answer, link: '' });
    },
    isConnected: () => connection.isThere,
    recorder,
  });
  return { comings, recorder, asked, connection };
}
const takeBobOut = { conversationId: 'g1', change: 'removed', whom: 'bob' } as const;

describe('a coming or going in a chaos run', () => {
  it('is asked for again under the same clientId until it is answered for good', async () => {
    const passing = (['NO_ANSWER', 'RETRY', 'UNAVAILABLE'] as const).map(refusal);
    const { comings, recorder, asked } = device(...passing, { headSeq: 7 }, { headSeq: 9 });
    const answer = comings.ask(takeBobOut);
    expect(comings.waiting()).toBe(1);
    expect(await answer).toEqual({ headSeq: 7 });
    expect(comings.waiting()).toBe(0);
    expect(asked).toHaveLength(4);
    expect(new Set(asked.map((one) => JSON.stringify(one)))).toEqual(
      new Set([
        JSON.stringify({
          method: 'DELETE',
          path: '/api/conversations/g1/members/bob',
          body: { clientId: 'alice-0-group-1' },
        }),
      ]),
    );
    await comings.ask({ ...takeBobOut, change: 'added' });
    expect(asked.at(-1)?.body).toEqual({ userIds: ['bob'], clientId: 'alice-0-group-2' });
    expect(recorder.comings.map(({ change, state }) => [change, state])).toEqual([
      ['removed', 'acknowledged'],
      ['added', 'acknowledged'],
    ]);
    expect(recorder.noticed).toEqual([]);
  });

  it('waits for the connection', async () => {
    const { comings, asked, connection } = device({ headSeq: 7 });
    connection.isThere = false;
    const answer = comings.ask(takeBobOut);
    comings.resume();
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toEqual([]);
    connection.isThere = true;
    comings.resume();
    expect(await answer).toEqual({ headSeq: 7 });
  });

  it('may be refused to who finds that somebody is gone already, and in no other way', async () => {
    const { comings, recorder } = device(refusal('NOT_FOUND'), refusal('NOT_FOUND'), refusal('FORBIDDEN'));
    expect(await comings.ask(takeBobOut)).toBeNull();
    expect(recorder.noticed).toEqual([]);
    await comings.ask({ ...takeBobOut, change: 'added' });
    await comings.ask(takeBobOut);
    expect(recorder.noticed.map(({ rule }) => rule)).toEqual(['refused', 'refused']);
    expect(recorder.comings.map(({ code }) => code)).toEqual(['NOT_FOUND', 'NOT_FOUND', 'FORBIDDEN']);
    expect(comings.waiting()).toBe(0);
  });
});
