import { LRUCache } from 'lru-cache';
import type { Model } from 'mongoose';
import type { BlockRow, BlocksVersion } from './block.model.js';

/** Whom somebody blocks, and who blocks them. Kept up to date in place for as long as this server remembers it. */
export interface Relations {
  blocks: ReadonlySet<string>;
  blockedBy: ReadonlySet<string>;
}
interface Known {
  blocks: Set<string>;
  blockedBy: Set<string>;
}

interface Load {
  /** Something changed since it was read: it is read again. */
  stale: boolean;
  result: Promise<Known>;
}

export interface RelationsDeps {
  rows: Pick<Model<BlockRow>, 'find'>;
  /** Which change of any block was the last one, on whichever server, and between whom the latest were. */
  version: () => Promise<BlocksVersion>;
  /** Something changed between these two on a server, maybe this one; or without them, between nobody knows whom. */
  missed?: ((between?: readonly string[]) => void) | undefined;
  /** Milliseconds since whenever, by a clock that nobody sets. */
  elapsed: () => number;
}

/** Half of the second within which a block that was made on another server must be felt here. */
const trustedForMs = 500;
/** A server that died between a block and its version has notified nobody: then it is felt after this long. */
const rememberedForMs = 60_000;

/** Who blocks whom, as far as it has been asked lately. Every send asks; so it costs one small read in half a second, for all. */
export function createRelations({ rows, version: versions, missed: notify, elapsed }: RelationsDeps) {
  // Not by its own `fetch`: a read that a block overtakes is made again, and what it brought is not kept.
  const known = new LRUCache<string, Known>({ max: 50_000, ttl: rememberedForMs });
  let current: number | undefined;
  let checkedAt = -Infinity;
  let checking: Promise<void> | undefined;
  /** What is being read, and whether it may be read as it was before. */
  const loading = new Map<string, Load>();

  function outdate(userId: string): void {
    const load = loading.get(userId);
    if (load) load.stale = true;
  }
  function forget(userIds: Iterable<string>): void {
    for (const userId of userIds) {
      known.delete(userId);
      outdate(userId);
    }
  }

  async function check(): Promise<void> {
    const askedAt = elapsed();
    const { version, latest } = await versions();
    // Of anybody else's relations, a block says nothing.
    const missed = latest.filter((change) => change.version > (current ?? version));
    const areAllKnown = missed.length === version - (current ?? version);
    if (areAllKnown) for (const { between } of missed) forget(between);
    else forget([...known.keys(), ...loading.keys()]);
    current = version;
    checkedAt = askedAt;
    if (!notify) return;
    if (areAllKnown) for (const { between } of missed) notify(between);
    else notify();
  }

  const checkOnce = (): Promise<void> => (checking ??= check().finally(() => (checking = undefined)));

  async function read(userId: string): Promise<Known> {
    const found = await rows
      .find({ $or: [{ userId }, { blockedId: userId }] }, { userId: 1, blockedId: 1 })
      .lean();
    const relations: Known = { blocks: new Set(), blockedBy: new Set() };
    for (const row of found) {
      const [blocker, blocked] = [row.userId.toHexString(), row.blockedId.toHexString()];
      if (blocker === userId) relations.blocks.add(blocked);
      else relations.blockedBy.add(blocker);
    }
    return relations;
  }

  /** However many ask for somebody at the same time, they are read once. */
  function load(userId: string): Promise<Known> {
    const running = loading.get(userId);
    if (running) return running.result;
    const load: Load = { stale: false, result: settle().finally(() => loading.delete(userId)) };
    loading.set(userId, load);
    return load.result;

    async function settle(): Promise<Known> {
      for (;;) {
        const relations = await read(userId);
        if (load.stale) load.stale = false;
        else {
          known.set(userId, relations);
          return relations;
        }
      }
    }
  }

  return {
    /** Looks whether others changed something, for those who would not ask. */
    check: checkOnce,

    async of(userId: string): Promise<Relations> {
      if (elapsed() - checkedAt > trustedForMs) await checkOnce();
      return known.get(userId) ?? load(userId);
    },

    /** A change between these two may have been stored, or not. */
    doubt: (userId: string, otherId: string): void => forget([userId, otherId]),

    /** This server has stored that one person blocks another, or no longer does: from now on, without any read. */
    changed(userId: string, otherId: string, blocked: boolean): void {
      for (const id of [userId, otherId]) outdate(id);
      const put = (set: Set<string> | undefined, id: string): void => {
        if (blocked) set?.add(id);
        else set?.delete(id);
      };
      put(known.peek(userId)?.blocks, otherId);
      put(known.peek(otherId)?.blockedBy, userId);
    },
  };
}
