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

  it.each([
    ['composed', 'NFC', 'NFD'],
    ['decomposed, as older ones were', 'NFD', 'NFC'],
  ] as const)('matches a hash of it %s, however it is typed now', async (_how, hashed, typed) => {
    const word = '비밀번호 crème brûlée';
    const stored = await passwords.hash(word.normalize(hashed), here);
    expect(await passwords.matches(word.normalize(typed), stored, here)).toBe(true);
    expect(await passwords.matches(word.normalize(hashed), stored, here)).toBe(true);
    expect(await passwords.matches(`${word}!`.normalize(typed), stored, here)).toBe(false);
    expect(await passwords.matches(word.normalize(typed), undefined, here)).toBe(false);
  });

  it('matches an old hash of what is neither composed nor decomposed, typed like that', async () => {
    const mixed = `${'비밀'.normalize('NFD')}${'번호'.normalize('NFC')} 1234`;
    const stored = await passwords.hash(mixed, here);
    expect(await passwords.matches(mixed, stored, here)).toBe(true);
  });

  it('is compared in no form that is longer than what bcrypt reads', async () => {
    // Decomposed, both have the same first 72 bytes.
    const [word, other] = [`${'각'.repeat(8)}가`, `${'각'.repeat(8)}나`];
    const stored = await passwords.hash(word.normalize('NFD').slice(0, 24), here);
    expect(await passwords.matches(word, stored, here)).toBe(false);
    expect(await passwords.matches(other, stored, here)).toBe(false);
    expect(await passwords.matches('각'.repeat(8), stored, here)).toBe(true);
  });

  it('takes as long for an unknown person as for a known one, even in a form that needs three comparisons', async () => {
    const slow = createPasswords({ cost: 8 });
    try {
      const mixed = `${'비밀'.normalize('NFD')}${'번호'.normalize('NFC')} 1234`;
      const stored = await slow.hash('correct horse', here);
      const timeOf = async (hash: string | undefined): Promise<number> => {
        const begun = performance.now();
        await slow.matches(mixed, hash, here);
        return performance.now() - begun;
      };
      let [somebody, nobody] = [Infinity, Infinity];
      // In turns, so that what else the machine does slows down both.
      for (let count = 0; count < 8; count += 1) {
        somebody = Math.min(somebody, await timeOf(stored));
        nobody = Math.min(nobody, await timeOf(undefined));
      }
      expect(nobody).toBeGreaterThan(somebody / 2);
      expect(somebody).toBeGreaterThan(nobody / 2);
    } finally {
      await slow.close();
    }
  });

  it('is hashed in the background, without blocking the event loop', async () => {
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

  it('is refused, instead of waiting for minutes, when very many come at once', async () => {
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

  it('waits for its turn among addresses, not behind the hundred passwords of another address', async () => {
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
