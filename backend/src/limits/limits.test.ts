import { AppError } from '../core/errors.js';
import { createAttempts } from './attempts.js';
import { createLimit, type Limit } from './limit.js';
import { noLimits } from '../testing/accounts-app.js';
import { accountAndAddress, createLimits } from './limits.js';

const limited = { code: 'RATE_LIMITED' };
const of = (most: number): Limit => createLimit({ name: 'test', most, windowSeconds: 60 });

describe('a limit', () => {
  it('lets through what it allows and refuses the next, with the time to wait', async () => {
    const limit = of(2);
    await limit.take('alice');
    await limit.take('alice');
    const refusal: unknown = await limit.take('alice').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(AppError);
    expect(refusal).toMatchObject(limited);
    expect((refusal as AppError).retryAfterMs).toBeGreaterThan(30_000);
    expect((refusal as AppError).retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  it('does not count one person against another', async () => {
    const limit = of(1);
    await limit.take('alice');
    await limit.take('bob');
  });

  it('of 0 means no limit', async () => {
    const limit = of(0);
    for (let times = 0; times < 1_000; times += 1) await limit.take('alice');
  });

  it('begins anew for a key that was forgotten', async () => {
    const limit = of(1);
    await limit.take('socket');
    await limit.forget('socket');
    await limit.take('socket');
  });

  it('passes on what its store throws, which is not the caller’s fault', async () => {
    const broken = new Error('the store is away');
    const limit = createLimit({ name: 'test', most: 1, windowSeconds: 1 }, () => ({
      consume: () => Promise.reject(broken),
      reward: () => Promise.reject(broken),
      delete: () => Promise.reject(broken),
    }));
    await expect(limit.take('alice')).rejects.toBe(broken);
  });
});

describe('attempts that may fail only so often', () => {
  const fails = () => Promise.resolve(false);
  const succeeds = () => Promise.resolve(true);

  it('are refused once the failures are used up, the right one too', async () => {
    const attempts = createAttempts([of(2)]);
    expect(await attempts.run(['alice'], fails)).toBe(false);
    expect(await attempts.run(['alice'], fails)).toBe(false);
    await expect(attempts.run(['alice'], succeeds)).rejects.toMatchObject(limited);
  });

  it('may succeed as often as they like', async () => {
    const attempts = createAttempts([of(2)]);
    for (let times = 0; times < 20; times += 1) expect(await attempts.run(['alice'], succeeds)).toBe(true);
    expect(await attempts.run(['alice'], fails)).toBe(false);
    expect(await attempts.run(['alice'], succeeds)).toBe(true);
  });

  it('do not count where the outcome is unknown', async () => {
    const attempts = createAttempts([of(1)]);
    const away = new Error('the database is away');
    for (let times = 0; times < 3; times += 1) {
      await expect(attempts.run(['alice'], () => Promise.reject(away))).rejects.toBe(away);
    }
    expect(await attempts.run(['alice'], succeeds)).toBe(true);
  });

  it('are no more when made all at once than one after the other', async () => {
    const attempts = createAttempts([of(100), of(10)]);
    let tried = 0;
    const guess = async (): Promise<boolean> => {
      tried += 1;
      await new Promise((resolve) => void setImmediate(resolve));
      return false;
    };
    const outcomes = await Promise.allSettled(
      Array.from({ length: 200 }, () => attempts.run(['address', 'account'], guess)),
    );
    expect(tried).toBe(10);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  });

  it('wait for each other rather than refuse somebody who may still be let in', async () => {
    const attempts = createAttempts([of(3), of(2)]);
    const slowly = async (): Promise<boolean> => {
      await new Promise((resolve) => void setImmediate(resolve));
      return true;
    };
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => attempts.run(['office', `person ${index % 5}`], slowly)),
    );
    expect(outcomes).toEqual(Array(50).fill(true));
  });

  it('are refused where hundreds wait already, instead of waiting for ever', async () => {
    const attempts = createAttempts([of(1)]);
    let answer: (right: boolean) => void = () => undefined;
    const first = attempts.run(['alice'], () => new Promise((resolve) => (answer = resolve)));
    const others = Promise.allSettled(Array.from({ length: 600 }, () => attempts.run(['alice'], succeeds)));
    // Long enough for all of them to have found the place taken.
    await new Promise((resolve) => void setImmediate(resolve));
    answer(true);
    const outcomes = await others;
    expect(await first).toBe(true);
    const refused = outcomes
      .filter((one) => one.status === 'rejected')
      .map((one) => (one.reason as AppError).code);
    expect(refused).toEqual(Array(100).fill('BUSY'));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(500);
  });

  it('lock out only the address that guesses, not the account’s owner elsewhere', async () => {
    const { logins } = createLimits({
      ...noLimits,
      loginFailuresPerAccount: 3,
      loginFailuresPerAddress: 5,
    });
    const from = (address: string, account: string) => [address, accountAndAddress(account, address)];
    for (let times = 0; times < 3; times += 1) await logins.run(from('192.0.2.1', 'alice'), fails);
    await expect(logins.run(from('192.0.2.1', 'alice'), succeeds)).rejects.toMatchObject(limited);
    expect(await logins.run(from('192.0.2.2', 'alice'), succeeds)).toBe(true);
    expect(await logins.run(from('192.0.2.1', 'bob'), succeeds)).toBe(true);
    for (const account of ['c', 'd']) await logins.run(from('192.0.2.1', account), fails);
    await expect(logins.run(from('192.0.2.1', 'e'), succeeds)).rejects.toMatchObject(limited);
  });
});
