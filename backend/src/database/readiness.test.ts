import { createReadiness } from './readiness.js';

describe('whether the database answers', () => {
  /** What it is asked, each question answered when the test says so. */
  function begin() {
    let now = 0;
    const questions: { answer: () => void; fail: () => void }[] = [];
    const ping = (): Promise<void> =>
      new Promise((answer, reject) => questions.push({ answer, fail: () => reject(new Error('away')) }));
    const check = createReadiness({ db: { admin: () => ({ ping }) } }, () => now);
    return { questions, check, pass: (ms: number) => void (now += ms) };
  }

  it('is asked once for all who want to know until it answers and half a second after', async () => {
    const { questions, check, pass } = begin();
    const all = Array.from({ length: 100 }, check);
    pass(60_000);
    all.push(check());
    questions[0]?.answer();
    await Promise.all(all);
    pass(499);
    await check();
    expect(questions).toHaveLength(1);
    pass(1);
    const again = check();
    expect(questions).toHaveLength(2);
    questions[1]?.answer();
    await again;
  });

  it('is asked again half a second after it did not, so that it is seen back soon', async () => {
    const { questions, check, pass } = begin();
    const first = check();
    questions[0]?.fail();
    await expect(first).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(check()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(questions).toHaveLength(1);
    pass(500);
    const again = check();
    questions[1]?.answer();
    await again;
  });
});
