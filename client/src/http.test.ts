import { ApiError } from './api-error.js';
import { anything, createHttp, type Fetch } from './http.js';

type Answered = { status: number; body?: unknown; retryAfter?: number };

/** A server that gives these answers one after the other, the last one for ever. */
const serverWith = (...answers: Answered[]) => {
  const asked: string[] = [];
  const waits: number[] = [];
  const fetch: Fetch = (path, { method }) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)] ?? { status: 200 };
    asked.push(`${method} ${path}`);
    return Promise.resolve({
      ok: answer.status < 300,
      status: answer.status,
      text: () => Promise.resolve(JSON.stringify(answer.body ?? {})),
      headers: { get: (name) => (name === 'Retry-After' ? (answer.retryAfter?.toString() ?? null) : null) },
    });
  };
  const http = createHttp(fetch, (ms) => {
    waits.push(ms);
    return Promise.resolve();
  });
  return { http, asked, waits };
};
const refused = (code: string, status: number, retryAfter?: number): Answered => ({
  status,
  body: { error: 'Not now', code },
  ...(retryAfter === undefined ? {} : { retryAfter }),
});
const read = { path: '/api/bootstrap', answer: anything };

describe('a read that the server had no room for', () => {
  it.each([refused('RATE_LIMITED', 429, 2), refused('BUSY', 503, 2)])(
    'is made again when the server says, and nobody hears of it: %j',
    async (refusal) => {
      const { http, asked, waits } = serverWith(refusal, { status: 200, body: { here: true } });
      expect((await http(read)).data).toEqual({ here: true });
      expect(asked).toEqual(['GET /api/bootstrap', 'GET /api/bootstrap']);
      expect(waits).toHaveLength(1);
      expect(waits[0]).toBeGreaterThanOrEqual(2_000);
      expect(waits[0]).toBeLessThanOrEqual(2_500);
    },
  );

  it('is not made for ever', async () => {
    const { http, asked } = serverWith(refused('RATE_LIMITED', 429, 1));
    await expect(http(read)).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 1_000 });
    expect(asked).toHaveLength(4);
  });

  it('is told of at once where the wait is long, or where the server is away', async () => {
    for (const refusal of [refused('RATE_LIMITED', 429, 60), refused('UNAVAILABLE', 503, 1)]) {
      const { http, asked } = serverWith(refusal, { status: 200 });
      await expect(http(read)).rejects.toBeInstanceOf(ApiError);
      expect(asked).toHaveLength(1);
    }
  });

  it('is not made again where nobody wants to know any more', async () => {
    const given = new AbortController();
    const { http, asked } = serverWith(refused('RATE_LIMITED', 429, 1), { status: 200 });
    const answer = http({ ...read, signal: given.signal });
    given.abort();
    await expect(answer).rejects.toBeInstanceOf(ApiError);
    expect(asked.length).toBeLessThanOrEqual(1);
  });
});

it('a change that came too soon is not made again by itself', async () => {
  const { http, asked } = serverWith(refused('RATE_LIMITED', 429, 1), { status: 200 });
  const change = http({ method: 'PUT', path: '/api/x', body: {}, answer: anything });
  await expect(change).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  expect(asked).toEqual(['PUT /api/x']);
});
