import { createPasswords, type Passwords } from './passwords.js';

const here = '192.0.2.1';
let passwords: Passwords;
beforeAll(() => {
  passwords = createPasswords({ cost: 4 });
});
afterAll(() => passwords.close());

describe('a password', () => {
  it('matches its own hash and no other', async () => {
    const hash = await passwords.hash('correct horse', here);
    expect(await passwords.matches('correct horse', hash, here)).toBe(true);
    expect(await passwords.matches('Correct horse', hash, here)).toBe(false);
    expect(await passwords.matches('nobody has this password', undefined, here)).toBe(false);
  });

  it('does not match by its first 72 bytes alone', async () => {
    const hash = await passwords.hash('a'.repeat(72), here);
    expect(await passwords.matches('a'.repeat(72), hash, here)).toBe(true);
    expect(await passwords.matches('a'.repeat(73), hash, here)).toBe(false);
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
    await slow.hash('correct horse', here);
    hashing = false;
    await slow.close();
    expect(turns).toBeGreaterThan(50);
  });

  it('is refused, not kept waiting for minutes, when very many come at once', async () => {
    const addresses = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
    const outcomes = await Promise.allSettled(
      Array.from({ length: 600 }, (_, n) =>
        passwords.matches('correct horse', undefined, addresses[n % addresses.length] ?? here),
      ),
    );
    const refused = outcomes
      .filter((one) => one.status === 'rejected')
      .map(({ reason }) => reason as unknown);
    expect(refused.length).toBeGreaterThan(200);
    for (const reason of refused) expect(reason).toMatchObject({ code: 'BUSY', retryAfterMs: 5_000 });
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(300);
  });

  it('waits for its turn among addresses, not behind the hundred that another one brought', async () => {
    let done = 0;
    const stored = await passwords.hash('correct horse', here);
    const crowd = Array.from({ length: 100 }, () =>
      passwords.matches('correct horse', stored, here).then(() => (done += 1)),
    );
    await passwords.hash('correct horse', '192.0.2.9');
    expect(done).toBeLessThan(20);
    await Promise.all(crowd);
  });
});
