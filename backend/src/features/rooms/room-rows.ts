import { randomBytes } from 'node:crypto';
import { type CreateRoom, limits, type Role, Slug } from '@sori/contract';
import { Types } from 'mongoose';
import { AppError, notFound } from '../../core/errors.js';
import { isDuplicateKey } from '../../database/duplicate-key.js';
import { deleteByTurns } from '../../database/delete-in-batches.js';
import { type ConversationRow, notDeleted } from '../../conversation-log/conversations.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { lobbyId, lobbySlug, nobody, roomId } from './room-id.js';
import type { RoomRows as Tables } from './rooms.model.js';

export interface RoomRowsDeps {
  log: Pick<ConversationLog, 'conversations' | 'append'>;
  tables: Pick<Tables, 'visitors' | 'guests'>;
  admit: (conversationId: string, userId: string, role?: Role) => Promise<void>;
  /** Lets everybody out. */
  dismissAll: (conversationId: string) => Promise<void>;
  openLobby: boolean;
  /** Milliseconds since 1970. */
  now: () => number;
}

export type RoomRow = ConversationRow & { slug: string };
type NewRoom = CreateRoom & { slug: string };

const slugTaken = (): AppError => new AppError('CONFLICT', 'There is a room with this link already');
const isSlugTaken = (error: unknown): boolean => error instanceof AppError && error.code === 'CONFLICT';

/** Which rooms there are, and by what link. */
export function createRoomRows({ log, tables, admit, dismissAll, openLobby, now }: RoomRowsDeps) {
  /** Makes the room and writes its first line. @throws AppError CONFLICT where the slug is taken */
  async function insert(input: NewRoom, ownerId: string | null): Promise<RoomRow> {
    const { name, slug, language, slowModeSeconds, retentionHours, guestFiles } = input;
    const row = {
      _id: roomId(slug),
      kind: 'room' as const,
      name,
      slug,
      language,
      slowModeSeconds,
      retentionHours,
      guestFiles,
      ...(ownerId === null ? {} : { ownerId: new Types.ObjectId(ownerId) }),
      participants: [],
      createdAt: new Date(now()),
      appliedSeq: 0,
    };
    try {
      await log.conversations.create(row);
    } catch (error) {
      throw isDuplicateKey(error) ? slugTaken() : error;
    }
    const conversationId = row._id.toHexString();
    if (ownerId !== null) await admit(conversationId, ownerId, 'owner');
    await log.append({
      conversationId,
      senderId: ownerId ?? nobody,
      clientId: ':opened',
      payloadHash: '',
      payload: { kind: 'title', name },
      bytes: 600,
      // Nothing moves it in a room's log but its end.
      rights: { membersVersion: 0, recheck: () => Promise.reject(notFound()) },
    });
    return row;
  }

  return {
    /** @throws AppError NOT_FOUND */
    async find(slug: string): Promise<RoomRow> {
      // What cannot be a slug is none of a room.
      const { success, data } = Slug.safeParse(slug);
      if (!success || (data === lobbySlug && !openLobby)) throw notFound();
      const row = await log.conversations.findOne({ _id: roomId(data), ...notDeleted }).lean();
      if (!row) throw notFound();
      return { ...row, slug: data };
    },

    /** Opens a room under the link that is wanted, or one like its name. @throws AppError CONFLICT */
    async open(input: CreateRoom, ownerId: string): Promise<RoomRow> {
      const { slug: wanted } = input;
      if (wanted === lobbySlug) throw slugTaken();
      if (wanted !== undefined) return insert({ ...input, slug: wanted }, ownerId);
      for (const slug of slugsFor(input.name)) {
        try {
          return await insert({ ...input, slug }, ownerId);
        } catch (error) {
          if (!isSlugTaken(error)) throw error;
        }
      }
      throw new AppError('BUSY', 'No link could be made for this room. Please try again');
    },

    /** The lobby is there from the first start, unless it is switched off. */
    async prepareLobby(): Promise<void> {
      const _id = new Types.ObjectId(lobbyId);
      if (!openLobby) {
        // Who was in it before it was closed finds nothing there any more.
        await dismissAll(lobbyId);
        await deleteByTurns(tables.visitors, { conversationId: _id });
        await deleteByTurns(tables.guests, { conversationId: _id });
        return;
      }
      const rules = { slowModeSeconds: 0, retentionHours: limits.retentionDefaultHours, guestFiles: false };
      try {
        await insert({ name: '로비', slug: lobbySlug, language: 'ko', ...rules }, null);
      } catch (error) {
        if (!isSlugTaken(error)) throw error;
      }
    },
  };
}

/** The name as a link, then the same with something random behind it. */
function* slugsFor(name: string): Generator<string> {
  const base = name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^a-z0-9가-힣]+/g, '-')
    .replace(/^-|-$/g, '');
  const short = Array.from(base)
    .slice(0, limits.slugMax - 9)
    .join('')
    .replace(/-$/, '');
  if (Slug.safeParse(short).success && short !== lobbySlug) yield short;
  for (let tries = 0; tries < 5; tries += 1) {
    const random = randomBytes(4).toString('hex');
    yield short === '' ? random : `${short}-${random}`;
  }
}
