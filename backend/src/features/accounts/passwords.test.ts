import { createPasswords, type Passwords } from './passwords.js';

let passwords: Passwords;
beforeAll(() => {
  passwords = createPasswords({ cost: 4 });
});
afterAll(() => passwords.close());

describe('a password', () => {
  it('matches its own hash and no other', async () => {
    const hash = await passwords.hash('correct horse');
    expect(await passwords.matches('correct horse', hash)).toBe(true);
    expect(await passwords.matches('Correct horse', hash)).toBe(false);
    expect(await passwords.matches('nobody has this password', undefined)).toBe(false);
  });

  it('does not match by its first 72 bytes alone', async () => {
    const hash = await passwords.hash('a'.repeat(72));
    expect(await passwords.matches('a'.repeat(72), hash)).toBe(true);
    expect(await passwords.matches('a'.repeat(73), hash)).toBe(false);
  });

  it('is hashed beside everything else, not in between', async () => {
    const slow = createPasswords({ cost: 11 });
    let turns = 0;
    let hashing = true;
    const count = (): void => {
      turns += 1;
      if (hashing) setImmediate(count);
    };
    setImmediate(count);
    await slow.hash('correct horse');
    hashing = false;
    await slow.close();
    expect(turns).toBeGreaterThan(50);
  });

  it('is refused, not kept waiting for minutes, when very many come at once', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 600 }, () => passwords.matches('correct horse', undefined)),
    );
    const refused = outcomes
      .filter((one) => one.status === 'rejected')
      .map(({ reason }) => reason as unknown);
    expect(refused.length).toBeGreaterThan(200);
    for (const reason of refused) expect(reason).toMatchObject({ code: 'BUSY', retryAfterMs: 5_000 });
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(300);
  });
});
