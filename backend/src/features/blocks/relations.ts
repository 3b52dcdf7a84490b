import { LRUCache } from 'lru-cache';
import type { Model } from 'mongoose';
import type { BlockRow } from './block.model.js';

/** Whom somebody blocks, and who blocks him. Kept up to date in place for as long as this server remembers it. */
export interface Relations {
  blocks: ReadonlySet<string>;
  blockedBy: ReadonlySet<string>;
}
interface Known {
  blocks: Set<string>;
  blockedBy: Set<string>;
}

export interface RelationsDeps {
  rows: Pick<Model<BlockRow>, 'find'>;
  /** Which change of any block was the last one, on whichever server. */
  version: () => Promise<number>;
  /** Milliseconds since whenever, by a clock that nobody sets. */
  elapsed: () => number;
}

/** Half of the second within which a block that was made on another server must be felt here. */
const trustedForMs = 500;
/** A server that died between a block and its version has told nobody: then it is felt after this long. */
const rememberedForMs = 60_000;

/** Who blocks whom, as far as it has been asked lately. Every send asks; so it costs one small read in half a second, for all. */
export function createRelations({ rows, version, elapsed }: RelationsDeps) {
  const known = new LRUCache<string, Known>({ max: 50_000, ttl: rememberedForMs });
  let current: number | undefined;
  let checkedAt = -Infinity;
  let checking: Promise<void> | undefined;
  /** What was being read meanwhile may be as it was before. */
  let changes = 0;

  const forget = (): void => {
    changes += 1;
    known.clear();
  };

  async function check(): Promise<void> {
    const askedAt = elapsed();
    const found = await version();
    if (found !== current) forget();
    current = found;
    checkedAt = askedAt;
  }

  async function load(userId: string): Promise<Known> {
    for (;;) {
      const before = changes;
      const found = await rows
        .find({ $or: [{ userId }, { blockedId: userId }] }, { userId: 1, blockedId: 1 })
        .lean();
      if (changes !== before) continue;
      const relations: Known = { blocks: new Set(), blockedBy: new Set() };
      for (const row of found) {
        const [blocker, blocked] = [row.userId.toHexString(), row.blockedId.toHexString()];
        if (blocker === userId) relations.blocks.add(blocked);
        else relations.blockedBy.add(blocker);
      }
      known.set(userId, relations);
      return relations;
    }
  }

  return {
    async of(userId: string): Promise<Relations> {
      if (elapsed() - checkedAt > trustedForMs) {
        await (checking ??= check().finally(() => (checking = undefined)));
      }
      return known.get(userId) ?? load(userId);
    },

    forget,

    /** This server has stored that one person blocks another, or no longer does: from now on, without any read. */
    changed(userId: string, otherId: string, blocked: boolean): void {
      changes += 1;
      const put = (set: Set<string> | undefined, id: string): void => {
        if (blocked) set?.add(id);
        else set?.delete(id);
      };
      put(known.peek(userId)?.blocks, otherId);
      put(known.peek(otherId)?.blockedBy, userId);
    },
  };
}
