import { Types } from 'mongoose';
import { AppError } from '../../core/errors.js';
import type { ConversationRow } from '../../log/conversations.model.js';
import { headOf, shownTo } from '../../log/head.js';
import type { ConversationLog } from '../../log/log.js';
import type { Memberships } from './memberships.js';

/** Where a conversation stands in a list: the latest activity first, the `_id` breaks ties. */
export interface Place {
  at: Date;
  _id: Types.ObjectId;
}

export interface PlacesDeps {
  log: Pick<ConversationLog, 'reads'>;
  memberships: Pick<Memberships, 'groupIdsOf'>;
}

/** So many rows are asked for by their ids in one go. */
const askedAtOnce = 1_000;
const byId = { _id: 1 } as const;
const byActivity = { participants: 1, lastActivityAt: -1, _id: -1 } as const;
const newestFirst = { lastActivityAt: -1, _id: -1 } as const;
const placed = { appliedSeq: 1, lastActivityAt: 1, lastMessageSeq: 1, shown: 1 } as const;
type PlacedRow = Pick<ConversationRow, '_id' | keyof typeof placed>;

const isBehind = (one: Place, other: Place): boolean =>
  one.at < other.at ||
  (one.at.getTime() === other.at.getTime() && one._id.toHexString() < other._id.toHexString());

/**
 * Where a person's conversations stand. Of two people there may be any number, and an index has them in this order. Groups
 * are found by their members, so their order is made here: of a person in thousands of them only these few fields are read.
 */
export function createPlaces({ log, memberships }: PlacesDeps) {
  const { conversations } = log.reads;

  const placesOf = (userId: string, rows: readonly PlacedRow[]): Place[] =>
    rows.flatMap((row): Place[] => {
      const { lastActivityAt: at } = shownTo(userId, headOf(row));
      return at ? [{ at, _id: row._id }] : [];
    });

  const withParticipant = (userId: string, from: Place | undefined, most: number): Promise<PlacedRow[]> =>
    conversations
      .find(
        {
          participants: userId,
          'shown.userId': { $ne: userId },
          lastActivityAt: { $exists: true, ...(from ? { $lte: from.at } : {}) },
          ...(from ? { $or: [{ lastActivityAt: { $lt: from.at } }, { _id: { $lt: from._id } }] } : {}),
        },
        placed,
      )
      .sort(newestFirst)
      .limit(most)
      .hint(byActivity)
      .lean()
      .exec();

  async function groupsOf(userId: string): Promise<PlacedRow[]> {
    const ids = await memberships.groupIdsOf(userId);
    const rows: PlacedRow[] = [];
    for (let start = 0; start < ids.length; start += askedAtOnce) {
      const _id = { $in: ids.slice(start, start + askedAtOnce) };
      rows.push(...(await conversations.find({ _id }, placed).hint(byId).lean()));
    }
    return rows;
  }

  /** As few as the people whom he ever blocked: they have a place of their own among the others. */
  const halfHiddenFrom = (userId: string): Promise<PlacedRow[]> =>
    conversations.find({ participants: userId, 'shown.userId': userId }, placed).lean().exec();

  return {
    /** The first so many from behind `from` on, in order. */
    async behind(userId: string, from: Place | undefined, most: number): Promise<Place[]> {
      const rows = await Promise.all([
        withParticipant(userId, from, most),
        groupsOf(userId),
        halfHiddenFrom(userId),
      ]);
      return placesOf(userId, rows.flat())
        .filter((one) => !from || isBehind(one, from))
        .sort((a, b) => (isBehind(a, b) ? 1 : -1))
        .slice(0, most);
    },

    /** The rows at these places, in their order; those that are gone by now are left out. */
    async rowsAt(places: readonly Place[]): Promise<ConversationRow[]> {
      const _id = { $in: places.map((place) => place._id) };
      const rows = await conversations.find({ _id }).hint(byId).lean();
      const found = new Map(rows.map((row) => [row._id.toHexString(), row]));
      return places.flatMap((place) => found.get(place._id.toHexString()) ?? []);
    },
  };
}

export const writeCursor = ({ at, _id }: Place): string =>
  Buffer.from(`${at.getTime()}.${_id.toHexString()}`).toString('base64url');

/** @throws AppError INVALID for what `writeCursor` never wrote */
export function readCursor(text: string): Place {
  const [, at, id] = /^(\d{1,15})\.([0-9a-f]{24})$/.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  if (at === undefined || id === undefined)
    throw new AppError('INVALID', 'before comes from the Link of a page');
  return { at: new Date(Number(at)), _id: new Types.ObjectId(id) };
}
