import type { PeopleQuery, Person } from '@sori/contract';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../../core/caller.js';
import { notFound } from '../../core/errors.js';
import { createGiveWay } from '../../core/give-way.js';
import { pictureAddress } from '../../core/picture-address.js';
import type { Store } from '../../database/connect.js';
import { avatarAddress, avatarOf } from './avatar.js';
import { peopleOn, type PersonRow } from './person.model.js';
import { nameSearch } from './search-keys.js';

/** About 250 bytes each. */
const remembered = 20_000;
/** How long a name that was changed on another server may still be shown here. */
const trustedForMs = 30_000;
/** Rows looked at in one go; with the three-letter keys almost all of them match. */
const lookedAt = 200;
/** So many rows are read in one go where many are asked for: each takes its time to be decoded, and to be shown. */
const readAtOnce = 250;
/** More people than these are read where no send has to wait for them. */
const few = 20;

/** How a person is shown to everybody. */
export const toPerson = (row: PersonRow): Person => ({
  _id: row._id,
  fullName: row.fullName,
  username: row.username,
  profilePic: row.picture === undefined ? avatarAddress(avatarOf(row)) : pictureAddress(row.picture),
});

export type People = ReturnType<typeof createPeople>;

/** Who there is: finding people and showing them. */
export function createPeople({ store }: { store: Pick<Store, 'connection' | 'reads'> }) {
  const rows = peopleOn(store);
  const reads = peopleOn({ connection: store.reads });
  // Not by its own `fetch`: that reads one at a time, and here many are asked for at once.
  const known = new LRUCache<string, Person>({ max: remembered, ttl: trustedForMs });

  async function find(ids: Iterable<string>): Promise<Map<string, Person>> {
    const found = new Map<string, Person>();
    const missing: string[] = [];
    for (const id of new Set(ids)) {
      const person = known.get(id);
      if (person) found.set(id, person);
      else missing.push(id);
    }
    const from = missing.length > few ? reads : rows;
    const giveWay = createGiveWay();
    for (let start = 0; start < missing.length; start += readAtOnce) {
      for (const row of await from.byIds(missing.slice(start, start + readAtOnce))) {
        const person = toPerson(row);
        known.set(person._id, person);
        found.set(person._id, person);
        await giveWay();
      }
    }
    return found;
  }

  return {
    /** Everybody else, or those with `search` in one of their names, by id, from behind `after`. */
    async search({ userId }: Caller, { search, limit, after }: PeopleQuery): Promise<Person[]> {
      const page = { after, except: userId };
      const wanted = nameSearch(search);
      if (wanted === null) return (await reads.page({ ...page, keys: [], limit })).map(toPerson);
      const { keys, matches } = wanted;
      const hits: PersonRow[] = [];
      for (;;) {
        const batch = await reads.page({ ...page, keys, limit: lookedAt });
        hits.push(...batch.filter(matches));
        if (hits.length >= limit || batch.length < lookedAt) return hits.slice(0, limit).map(toPerson);
        page.after = batch.at(-1)?._id;
      }
    },

    /** Those of these people with `search` in one of their names; everybody where there is nothing to look for. In the order of the ids given. */
    async among(ids: readonly string[], search: string): Promise<Person[]> {
      const found = await find(ids);
      const people = ids.flatMap((id) => found.get(id) ?? []);
      const wanted = nameSearch(search);
      return wanted === null ? people : people.filter(wanted.matches);
    },

    /** Ids by user name, of those of these names (as `foldUsername` makes them) that somebody has. */
    withUsernames: (names: readonly string[]): Promise<Map<string, string>> => rows.idsByUsernameKey(names),

    /** @throws AppError "NOT_FOUND" */
    async get(id: string): Promise<Person> {
      const person = (await find([id])).get(id);
      if (person === undefined) throw notFound();
      return person;
    },

    /** The people with these ids (24 lower-case hexadecimal digits); an id that nobody has is missing from the map. */
    find,

    exists: async (id: string): Promise<boolean> => known.has(id) || (await find([id])).has(id),

    /** The name of the picture that they chose, as it is stored. */
    pictureOf: async (id: string): Promise<string | undefined> => (await rows.byIds([id]))[0]?.picture,

    /** @returns them as they now are, and the name of the picture before */
    async setPicture(
      id: string,
      picture: string | null,
    ): Promise<{ person: Person; before?: string | undefined }> {
      const before = await rows.setPicture(id, picture);
      known.delete(id);
      const person = (await find([id])).get(id);
      if (person === undefined) throw notFound();
      return { person, before };
    },

    /** Somebody's row was changed: what is remembered of them is no longer true. */
    changed(id: string): void {
      known.delete(id);
    },
  };
}
