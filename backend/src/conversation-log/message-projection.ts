import type { mongo, Types } from 'mongoose';
import { type ChangeRow, entryIndexes, type EntryRow } from './entries.model.js';
import { UnreadableEntry } from './set-aside.js';
import { linksIn } from './shared-content.js';

type Collection = mongo.Collection<EntryRow>;
type Operation = mongo.AnyBulkWriteOperation<EntryRow>;

export const isChange = (entry: EntryRow): entry is ChangeRow =>
  entry.kind === 'edit' || entry.kind === 'delete' || entry.kind === 'react' || entry.kind === 'pin';

/**
 * What a change does to its target. Applying twice, or in another order, ends in the same state:
 * a text and a pin belong to the last writer by seq, a deletion absorbs, reactions are one register per person.
 */
function operationsOf(change: ChangeRow): Operation[] {
  const { conversationId, seq, senderId, at } = change;
  const target = { conversationId, seq: change.targetSeq, kind: 'message' } as const;
  const update = (filter: object, changes: object): Operation => ({
    updateOne: { filter: { ...target, ...filter }, update: changes, hint: entryIndexes.seq },
  });
  const alive = { deletedAt: { $exists: false } };
  const older = (field: string) => ({ $or: [{ [field]: { $exists: false } }, { [field]: { $lt: seq } }] });
  switch (change.kind) {
    case 'edit':
      return [
        update(
          { ...alive, ...older('editedSeq') },
          {
            $set: {
              message: change.message,
              editedAt: at,
              editedSeq: seq,
              ...(change.mentions ? { mentions: change.mentions } : {}),
              ...(linksIn(change.message).length > 0 && { hasLink: true }),
            },
            ...(linksIn(change.message).length === 0 && { $unset: { hasLink: '' } }),
            $max: { updatedAt: at },
          },
        ),
      ];
    case 'delete':
      return [
        update(alive, {
          $set: { message: '', attachments: [], reactions: [], deletedAt: at },
          $unset: { pinnedAt: '', editedAt: '', mentions: '', shared: '', hasLink: '' },
          $max: { updatedAt: at },
        }),
        {
          updateMany: {
            filter: { conversationId, kind: 'edit', targetSeq: change.targetSeq },
            update: { $set: { message: '' } },
          },
        },
      ];
    case 'react': {
      if (!isTexts(change.emojis)) throw new UnreadableEntry('emojis');
      // An empty set stays as a register: without it an older set could come back.
      const register = { userId: senderId, emojis: change.emojis, seq };
      return [
        update(alive, { $pull: { reactions: { userId: senderId, seq: { $lt: seq } } } }),
        update(
          { ...alive, 'reactions.userId': { $ne: senderId } },
          { $push: { reactions: register }, $max: { updatedAt: at } },
        ),
      ];
    }
    case 'pin':
      return [
        update(
          { ...alive, ...older('pinnedSeq') },
          { $set: { pinnedAt: change.pinned ? at : null, pinnedSeq: seq }, $max: { updatedAt: at } },
        ),
      ];
  }
}

/** Rows are not checked as they are read. */
const isTexts = (emojis: unknown): boolean =>
  Array.isArray(emojis) && emojis.every((emoji) => typeof emoji === 'string');

/** Applies the changes among these entries of one conversation, in order, with the log's own write concern. */
export async function applyChanges(entries: readonly EntryRow[], collection: Collection): Promise<void> {
  const changes = entries.filter(isChange);
  if (changes.length === 0) return;
  await collection.bulkWrite(changes.flatMap(operationsOf), { ordered: true });
  await wipeLateEdits(changes, collection);
}

/** An edit that came after the deletion of its message changed nothing; its text must not stay behind all the same. */
async function wipeLateEdits(changes: readonly ChangeRow[], collection: Collection): Promise<void> {
  const edits = changes.filter((change) => change.kind === 'edit');
  const [first] = edits;
  if (!first) return;
  const targets: Types.ObjectId[] = [];
  const deleted = await collection
    .find(
      {
        conversationId: first.conversationId,
        seq: { $in: edits.map((edit) => edit.targetSeq) },
        deletedAt: { $exists: true },
      } as mongo.Filter<EntryRow>,
      { projection: { seq: 1 } },
    )
    .toArray();
  const gone = new Set(deleted.map((row) => row.seq));
  for (const edit of edits) if (gone.has(edit.targetSeq)) targets.push(edit._id);
  if (targets.length > 0) {
    await collection.updateMany({ _id: { $in: targets } }, { $set: { message: '' } });
  }
}
