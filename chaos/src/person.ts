import { createHash } from 'node:crypto';
import { sleep } from './time.js';

/** Somebody who takes part, with those to whom they write. */
export interface Person {
  name: string;
  _id: string;
  cookie: string;
  /** Their conversations; the first ones are the ones in which most happens. */
  places: Place[];
}

export interface Place {
  conversationId: string;
  /** The other one; in a note to self, oneself; in a group, the group. */
  otherId: string;
  /** One comes into a group, and out of it. */
  isGroup: boolean;
  /** Takes people in, and out. */
  owns: boolean;
  /** Of a group: who was in it to begin with. */
  founders: readonly string[];
}

/** The first 12 bytes of SHA-256 over the two ids in order. Not taken from the server's code: this checks it. */
export const directIdOf = (a: string, b: string): string =>
  createHash('sha256').update([a, b].sort().join('')).digest('hex').slice(0, 24);

/** Signs people up and says who writes to whom: a ring, some further pairs, and a few notes to self. */
export async function gather(address: string, count: number): Promise<Person[]> {
  const people: Person[] = [];
  const one = async (index: number): Promise<void> => {
    const name = `chaos${index}`;
    for (let attempt = 0; ; attempt += 1) {
      const response = await fetch(`${address}/api/auth/${attempt === 0 ? 'signup' : 'login'}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          fullName: `Chaos ${index}`,
          username: name,
          password: 'a long password',
          confirmPassword: 'a long password',
        }),
        signal: AbortSignal.timeout(20_000),
      });
      const { _id } = (await response.json()) as { _id?: string };
      const cookie = /jwt=[^;]+/.exec(response.headers.get('set-cookie') ?? '')?.[0];
      if (response.ok && _id !== undefined && cookie !== undefined) {
        people[index] = { name, _id, cookie, places: [] };
        return;
      }
      if (attempt === 3) throw new Error(`${name} could not sign up: ${response.status}`);
      await sleep(500);
    }
  };
  for (let start = 0; start < count; start += 4) {
    await Promise.all(Array.from({ length: Math.min(4, count - start) }, (_, offset) => one(start + offset)));
  }
  const pairs = new Set<string>();
  for (let index = 0; index < count; index += 1) {
    // 1: the ring. 3: further acquaintances. 0: a note to self, for every fourth.
    for (const distance of [1, 3, ...(index % 4 === 0 ? [0] : [])]) {
      const [a, b] = [index, (index + distance) % count].sort((one_, other) => one_ - other);
      pairs.add(`${a ?? 0} ${b ?? 0}`);
    }
  }
  for (const pair of pairs) {
    const [a, b] = pair.split(' ').map((index) => people[Number(index)]);
    if (!a || !b) continue;
    const conversationId = directIdOf(a._id, b._id);
    const direct = { conversationId, isGroup: false, owns: false, founders: [] };
    a.places.push({ ...direct, otherId: b._id });
    if (a !== b) b.places.push({ ...direct, otherId: a._id });
  }
  await makeGroups(address, people);
  return people;
}

const groupCount = 3;

/** Each has an owner, who never leaves, and half of the others to begin with; everybody may come into each. */
async function makeGroups(address: string, people: readonly Person[]): Promise<void> {
  for (const [index, owner] of people.slice(0, groupCount).entries()) {
    const others = people.filter((person, at) => person !== owner && at % 2 === index % 2);
    const founders = others.map(({ _id }) => _id);
    const response = await fetch(`${address}/api/conversations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: owner.cookie },
      body: JSON.stringify({ name: `Group ${index}`, memberIds: founders }),
      signal: AbortSignal.timeout(20_000),
    });
    const { _id } = (await response.json()) as { _id?: string };
    if (!response.ok || _id === undefined) throw new Error(`No group could be made: ${response.status}`);
    for (const person of people) {
      const group = { conversationId: _id, otherId: _id, isGroup: true, owns: person === owner, founders };
      // Near the front, where most happens.
      person.places.splice(1, 0, group);
    }
  }
}

/** Who is in which conversation; in a group, who ever may be. */
export function membershipOf(people: readonly Person[]): Map<string, string[]> {
  const conversations = new Map<string, string[]>();
  for (const { _id, places } of people) {
    for (const { conversationId } of places) {
      conversations.set(conversationId, [...(conversations.get(conversationId) ?? []), _id]);
    }
  }
  return conversations;
}
