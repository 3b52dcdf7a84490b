import { type Connection, mongo } from 'mongoose';
import { type CollectionIndexes, collections, type DeclaredIndex } from './indexes.js';

/** What a collection lacks of what is declared, and what it has of former releases. */
export interface IndexPlan {
  collection: string;
  missing: readonly DeclaredIndex[];
  former: readonly string[];
  /** The collection is not there yet: whatever is made of it takes no time. */
  isNew: boolean;
}

type Declared = Readonly<Record<string, CollectionIndexes>>;

/** As MongoDB calls an index of which nobody says how. */
export const nameOf = ({ key, name }: DeclaredIndex): string =>
  name ??
  Object.entries(key)
    .map(([field, direction]) => `${field}_${direction}`)
    .join('_');

const isError = (error: unknown, codeName: string): boolean =>
  error instanceof mongo.MongoServerError && error.codeName === codeName;

async function planOf(
  upkeep: Connection,
  collection: string,
  { indexes, former = [] }: CollectionIndexes,
): Promise<IndexPlan> {
  const found = await upkeep
    .collection(collection)
    .indexes()
    .catch((error: unknown) => {
      if (!isError(error, 'NamespaceNotFound')) throw error;
      return [];
    });
  const names = new Set(found.map(({ name }) => name));
  return {
    collection,
    missing: indexes.filter((index) => !names.has(nameOf(index))),
    former: former.filter((name) => names.has(name)),
    isNew: found.length === 0,
  };
}

/** Of the collections that have something to be done. */
export async function planIndexes(
  upkeep: Connection,
  declared: Declared = collections,
): Promise<IndexPlan[]> {
  const plans = await Promise.all(
    Object.entries(declared).map(([name, indexes]) => planOf(upkeep, name, indexes)),
  );
  return plans.filter(({ missing, former }) => missing.length > 0 || former.length > 0);
}

/** Makes those that are missing. On a large collection that takes long, and must not be given up for it. */
export async function makeMissing(
  upkeep: Connection,
  { collection, missing }: Pick<IndexPlan, 'collection' | 'missing'>,
): Promise<void> {
  const asked = missing.map(
    // A copy of the key: the driver's type wants one that may change.
    ({ meanwhile: _, key, ...options }): mongo.IndexDescription => ({ ...options, key: { ...key } }),
  );
  // All at once: each call of its own costs an empty database as much as all of them together.
  if (asked.length > 0) await upkeep.collection(collection).createIndexes(asked);
}

export async function dropFormer(upkeep: Connection, { collection, former }: IndexPlan): Promise<void> {
  for (const name of former) {
    await upkeep
      .collection(collection)
      .dropIndex(name)
      .catch((error: unknown) => {
        // Another server that starts at the same time was faster.
        if (!isError(error, 'IndexNotFound')) throw error;
      });
  }
}

/** All that is declared, whatever of it is there. Twice is once. */
export async function makeIndexes(upkeep: Connection, declared: Declared = collections): Promise<void> {
  const plans = await planIndexes(upkeep, declared);
  await Promise.all(plans.map((plan) => makeMissing(upkeep, plan)));
  for (const plan of plans) await dropFormer(upkeep, plan);
}
