import { Types } from 'mongoose';
import { AppError } from '../../core/errors.js';
import {
  conversationIndexes,
  type ConversationRow,
  isDirectOf,
  isThere,
} from '../../conversation-log/conversations.model.js';
import { headOf, shownTo } from '../../conversation-log/head.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { Memberships } from '../members/memberships.js';

/**
 * Where a conversation stands in a list: by the time of its newest message or, where that is later, by when its person came
 * into it. The latest first; the `_id` breaks ties.
 */
export interface Place {
  at: Date;
  _id: Types.ObjectId;
}

export interface PlacesDeps {
  log: Pick<ConversationLog, 'reads'>;
  memberships: Pick<Memberships, 'joinedOf'>;
}

/** So many rows are asked for by their ids in one go. */
const askedAtOnce = 1_000;
const byId = { _id: 1 } as const;
const newestFirst = { lastActivityAt: -1, _id: -1 } as const;
const placed = {
  createdAt: 1,
  appliedSeq: 1,
  headAt: 1,
  lastActivityAt: 1,
  lastMessageSeq: 1,
  shown: 1,
} as const;
type PlacedRow = Pick<ConversationRow, '_id' | keyof typeof placed>;

const isBehind = (one: Place, other: Place): boolean =>
  one.at < other.at ||
  (one.at.getTime() === other.at.getTime() && one._id.toHexString() < other._id.toHexString());

/** One that somebody came into. Without an entry it has not begun, and is in nobody's list. */
function placeSince({ _id, createdAt, appliedSeq, lastActivityAt }: PlacedRow, joinedAt?: Date): Place[] {
  if (appliedSeq === 0) return [];
  const at = lastActivityAt ?? createdAt;
  return [{ _id, at: joinedAt && joinedAt > at ? joinedAt : at }];
}

/**
 * Where a person's conversations stand. Of two people there may be any number, and an index has them in this order. The
 * places of groups and rooms are found one by one and put in order here: of a person in thousands of them only a few fields
 * are read, and the rows of a page are read whole afterwards.
 */
export function createPlaces({ log, memberships }: PlacesDeps) {
  const { conversations } = log.reads;

  const directsOf = async (userId: string, from: Place | undefined, most: number): Promise<Place[]> => {
    const rows = await conversations
      .find(
        {
          ...isDirectOf(userId),
          'shown.userId': { $ne: userId },
          lastActivityAt: { $exists: true, ...(from ? { $lte: from.at } : {}) },
          ...(from ? { $or: [{ lastActivityAt: { $lt: from.at } }, { _id: { $lt: from._id } }] } : {}),
        },
        placed,
      )
      .sort(newestFirst)
      .limit(most)
      .hint(conversationIndexes.directs)
      .lean();
    return rows.flatMap(({ _id, lastActivityAt: at }) => (at ? [{ at, _id }] : []));
  };

  async function joinedOf(userId: string): Promise<Place[]> {
    const joined = await memberships.joinedOf(userId);
    const joinedAt = new Map(joined.map((one) => [one.conversationId.toHexString(), one.joinedAt]));
    const places: Place[] = [];
    for (let start = 0; start < joined.length; start += askedAtOnce) {
      const ids = joined.slice(start, start + askedAtOnce).map(({ conversationId }) => conversationId);
      const rows = await conversations
        .find({ _id: { $in: ids }, ...isThere }, placed)
        .hint(byId)
        .lean();
      places.push(...rows.flatMap((row) => placeSince(row, joinedAt.get(row._id.toHexString()))));
    }
    return places;
  }

  /** As few as the people whom they ever blocked: these have a place of their own among the others. */
  async function halfHiddenFrom(userId: string): Promise<Place[]> {
    const rows = await conversations
      .find({ participants: userId, 'shown.userId': userId }, placed)
      .hint({ 'shown.userId': 1 })
      .lean();
    return rows.flatMap((row): Place[] => {
      const { lastActivityAt: at } = shownTo(userId, headOf(row));
      return at ? [{ at, _id: row._id }] : [];
    });
  }

  return {
    /** The first so many from behind `from` on, in order. */
    async behind(userId: string, from: Place | undefined, most: number): Promise<Place[]> {
      const places = await Promise.all([
        directsOf(userId, from, most),
        joinedOf(userId),
        halfHiddenFrom(userId),
      ]);
      return places
        .flat()
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
