import { createHash } from 'node:crypto';
import type { Conversation, Person } from '@sori/contract';
import { type Connection, mongo, Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound } from '../../core/errors.js';
import { BrokenFileError, TooLargeError } from '../../media/byte-source.js';
import type { Pictures as Pictured, SmallPicture } from '../../media/pictures.js';
import type { Clock } from '../../realtime/clock.js';
import { type PictureOwner, picturesOn } from './picture.model.js';

type Changed<What> = Promise<What & { before?: string | undefined }>;

export interface PicturesDeps {
  connection: Connection;
  pictures: Pick<Pictured, 'square'>;
  /** By the name of the picture; null for none. */
  setOfPerson: (userId: string, picture: string | null) => Changed<{ person: Person }>;
  /** The person looks different. */
  personChanged: (person: Person) => void;
  groups: {
    requireManager: (caller: Caller, group: { conversationId: string }) => Promise<void>;
    setPicture: (
      caller: Caller,
      group: { conversationId: string; picture: string | null },
    ) => Changed<{ conversation: Conversation }>;
  };
  /** Whether this is the picture of a person or a group. */
  isOf: (owner: PictureOwner, name: string) => Promise<boolean>;
  /** Counts one change; throws RATE_LIMITED. */
  countChange: (userId: string) => Promise<void>;
  clock: Pick<Clock, 'now' | 'after'>;
  report: (error: unknown) => void;
}

/** A picture that is there to be made smaller, for as long as it takes. */
export type WithPicture = <Result>(work: (path: string) => Promise<Result>) => Promise<Result>;

export type Pictures = ReturnType<typeof createPictureService>;

/** One that was replaced is still on pages that are open. In milliseconds. */
const keptMs = 24 * 60 * 60 * 1_000;
const sweepEveryMs = 10 * 60 * 1_000;
const sweptAtOnce = 100;

const endings: Record<SmallPicture['type'], string> = { 'image/jpeg': 'jpg', 'image/webp': 'webp' };

function nameOf({ kind, id }: PictureOwner, { bytes, type }: SmallPicture): string {
  const hash = createHash('sha256').update(`${kind} ${id} `).update(bytes).digest('hex').slice(0, 40);
  return `${hash}.${endings[type]}`;
}

/** @throws AppError UNSUPPORTED for what is no picture, TOO_LARGE */
async function square(pictures: PicturesDeps['pictures'], path: string): Promise<SmallPicture> {
  try {
    return await pictures.square(path);
  } catch (error) {
    if (error instanceof TooLargeError) throw new AppError('TOO_LARGE', 'The picture is too large');
    if (error instanceof BrokenFileError) throw new AppError('UNSUPPORTED', 'This is no picture');
    throw error;
  }
}

/** The pictures that people choose for themselves and for their groups. */
export function createPictureService(deps: PicturesDeps) {
  const { connection, pictures, setOfPerson, personChanged, groups, isOf, countChange, clock, report } = deps;
  const rows = picturesOn(connection);
  let cancelNext: (() => void) | undefined;
  let stopped = false;

  const squareOf = (path: string): Promise<SmallPicture> => square(pictures, path);
  const due = () => ({ dueAt: new Date(clock.now() + keptMs) });

  /** There before anybody is told its address, and due until it is known to be used. */
  async function keep(owner: PictureOwner, picture: SmallPicture): Promise<string> {
    const _id = nameOf(owner, picture);
    const { bytes, type } = picture;
    const of = { kind: owner.kind, id: new Types.ObjectId(owner.id) };
    await rows.updateOne(
      { _id },
      { $set: due(), $setOnInsert: { type, bytes, owner: of } },
      { upsert: true },
    );
    return _id;
  }

  async function used(name: string | null, before: string | undefined): Promise<void> {
    if (name !== null) await rows.updateOne({ _id: name }, { $unset: { dueAt: '' } });
    if (before !== undefined && before !== name) await rows.updateOne({ _id: before }, { $set: due() });
  }

  async function setOwn({ userId }: Caller, name: string | null): Promise<Person> {
    const { person, before } = await setOfPerson(userId, name);
    await used(name, before);
    if (before !== (name ?? undefined)) personChanged(person);
    return person;
  }

  async function setOfGroup(
    caller: Caller,
    conversationId: string,
    name: string | null,
  ): Promise<Conversation> {
    const { conversation, before } = await groups.setPicture(caller, { conversationId, picture: name });
    await used(name, before);
    return conversation;
  }

  /** Pictures that were replaced a day ago, and those that came to nothing. */
  async function sweep(): Promise<void> {
    const found = await rows
      .find({ dueAt: { $lte: new Date(clock.now()) } }, { owner: 1, dueAt: 1 })
      .limit(sweptAtOnce)
      .lean();
    for (const { _id, owner, dueAt } of found) {
      if (stopped) return;
      const isUsed = await isOf({ kind: owner.kind, id: owner.id.toHexString() }, _id);
      // As it was read: whoever chooses it again meanwhile has moved the time on.
      if (isUsed) await rows.updateOne({ _id, dueAt }, { $unset: { dueAt: '' } });
      else await rows.deleteOne({ _id, dueAt });
    }
  }

  function begin(): void {
    cancelNext = clock.after(sweepEveryMs, () => {
      void sweep()
        .catch(report)
        .then(() => {
          if (!stopped) begin();
        });
    });
  }
  begin();

  return {
    /** @throws AppError UNSUPPORTED, TOO_LARGE, RATE_LIMITED, BUSY */
    async choose(caller: Caller, withPicture: WithPicture): Promise<Person> {
      await countChange(caller.userId);
      const picture = await withPicture(squareOf);
      return setOwn(caller, await keep({ kind: 'person', id: caller.userId }, picture));
    },

    async remove(caller: Caller): Promise<Person> {
      await countChange(caller.userId);
      return setOwn(caller, null);
    },

    /** For owners and admins. @throws AppError NOT_FOUND, FORBIDDEN, and as `choose` */
    async chooseForGroup(
      caller: Caller,
      conversationId: string,
      withPicture: WithPicture,
    ): Promise<Conversation> {
      await groups.requireManager(caller, { conversationId });
      // Before anything is made smaller: that costs more than all the rest.
      await countChange(caller.userId);
      const picture = await withPicture(squareOf);
      return setOfGroup(caller, conversationId, await keep({ kind: 'group', id: conversationId }, picture));
    },

    async removeFromGroup(caller: Caller, conversationId: string): Promise<Conversation> {
      await groups.requireManager(caller, { conversationId });
      await countChange(caller.userId);
      return setOfGroup(caller, conversationId, null);
    },

    /** @throws AppError NOT_FOUND */
    async read(name: string): Promise<{ type: string; bytes: Buffer }> {
      if (!/^[0-9a-f]{40}\.(?:jpg|webp)$/.test(name)) throw notFound();
      const row = await rows.findById(name, { type: 1, bytes: 1 }).lean();
      if (!row) throw notFound();
      const { type, bytes } = row as { type: string; bytes: mongo.Binary | Buffer };
      return { type, bytes: Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer) };
    },

    close(): void {
      stopped = true;
      cancelNext?.();
    },
  };
}
