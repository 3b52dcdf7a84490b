import { Types } from 'mongoose';
import { newId, useLog } from '../../testing/log.js';
import { createOwnState } from '../read-state/own-state.js';
import { createAudiences } from './audiences.js';
import { type MemberRow, membersOn } from './members.model.js';
import { createRoomMembers } from './room-members.js';
import { createRosters } from './rosters.js';

const here = useLog();
let members: ReturnType<typeof membersOn>;
let membersUpkeep: ReturnType<typeof membersOn>;
beforeAll(() => {
  members = membersOn(here.store.connection);
  membersUpkeep = membersOn(here.store.upkeep);
});

/** One server's view of the same rooms: what it reads of their members is counted, and can be held up. */
function openServer() {
  const held = {
    /** Runs between what was read and whoever asked for it. */
    afterRead: (): Promise<void> => Promise.resolve(),
    /** Runs once somebody's row was made. */
    afterUpsert: (): Promise<void> => Promise.resolve(),
    reads: 0,
    now: Date.now(),
  };
  const schema = members.schema.clone();
  schema.post('find', async () => {
    held.reads += 1;
    await held.afterRead();
  });
  schema.post('updateOne', () => held.afterUpsert());
  const watched = here.store.connection.model<MemberRow>(`Member ${newId()}`, schema, 'members');
  const { log } = here;
  const now = () => held.now;
  const audiences = createAudiences({ log, members: watched, now });
  const rooms = createRoomMembers({ log, members: watched, membersUpkeep, audiences, now });
  const peopleIn = async (room: string) => (await audiences.audienceOf(room))?.participants;
  return { ...rooms, held, peopleIn };
}

async function openRoom(): Promise<string> {
  const _id = new Types.ObjectId();
  const row = { _id, kind: 'room', participants: [], createdAt: new Date(), appliedSeq: 0 };
  await here.store.connection.collection('conversations').insertOne(row);
  return _id.toHexString();
}

const rowsOf = (conversationId: string, userId: string) => members.find({ conversationId, userId }).lean();

describe('who is in a room', () => {
  it('is known in the order in which they came, and so it is shown', async () => {
    const server = openServer();
    const room = await openRoom();
    const [one, two, three] = [newId(), newId(), newId()];
    for (const person of [three, one, two, three]) {
      server.held.now += 1;
      await server.admit(room, person);
    }
    expect(await server.peopleIn(room)).toEqual([three, one, two]);
    // Whoever looks there for the first time finds the same.
    expect(await openServer().peopleIn(room)).toEqual([three, one, two]);
    const row = await here.log.conversations.findById(room).lean();
    if (!row) throw new Error('There is no room');
    expect((await createRosters(members)([row])).get(room)).toEqual({ shown: [three, one, two], count: 3 });
    await server.dismiss(room, one);
    expect(await server.peopleIn(room)).toEqual([three, two]);
    await expect(server.dismiss(newId(), one)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('does not name somebody who was sent out while it was being read', async () => {
    const server = openServer();
    const room = await openRoom();
    const [stays, goes] = [newId(), newId()];
    await server.admit(room, stays);
    await server.admit(room, goes);
    // Read with both in it, and answered when one of them has gone.
    server.held.afterRead = () => server.dismiss(room, goes);
    expect(await server.peopleIn(room)).toEqual([stays]);
    expect(await server.peopleIn(room)).toEqual([stays]);
    server.held.now += 1_000;
    expect(await server.peopleIn(room)).toEqual([stays]);
  });

  it('is nobody in a room that was deleted, also where its people were just being read', async () => {
    const server = openServer();
    const room = await openRoom();
    const person = newId();
    await server.admit(room, person);
    server.held.afterRead = () => server.dissolve(room, person, new Date()).catch(() => undefined);
    expect(await server.peopleIn(room)).toBeUndefined();
    server.held.afterRead = () => Promise.resolve();
    expect(await server.peopleIn(room)).toBeUndefined();
    expect(await server.everybodyIn(room)).toEqual([person]);
    await expect(server.dissolve(room, person, new Date())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is not read again, room by room, for each of very many who come', async () => {
    const server = openServer();
    const rooms = [await openRoom(), await openRoom()];
    for (const room of rooms) await server.peopleIn(room);
    const before = server.held.reads;
    for (const room of rooms) {
      const people = Array.from({ length: 100 }, newId);
      await Promise.all(people.map((person) => server.admit(room, person)));
      for (const person of people.slice(0, 10)) await server.dismiss(room, person);
      expect((await server.peopleIn(room))?.toSorted()).toEqual(people.slice(10).sort());
      // Also when it is long ago that the database was asked.
      server.held.now += 10_000;
      expect(await server.peopleIn(room)).toHaveLength(90);
    }
    expect(server.held.reads).toBe(before);
  });

  it('is learnt of another server within half a second, and read again only where somebody came or went', async () => {
    const [near, far] = [openServer(), openServer()];
    const room = await openRoom();
    const [one, two, three] = [newId(), newId(), newId()];
    await near.admit(room, one);
    expect(await far.peopleIn(room)).toEqual([one]);
    await near.admit(room, two);
    far.held.now += 600;
    expect(await far.peopleIn(room)).toEqual([one, two]);
    const before = far.held.reads;
    far.held.now += 600;
    expect(await far.peopleIn(room)).toEqual([one, two]);
    expect(far.held.reads).toBe(before);
    // What this server changes behind what it does not know of yet.
    await near.dismiss(room, one);
    await far.admit(room, three);
    expect(await far.peopleIn(room)).toEqual([two, three]);
    near.held.now += 600;
    expect(await near.peopleIn(room)).toEqual([two, three]);
  });

  it('does not change where the room was deleted while somebody came in', async () => {
    const server = openServer();
    const room = await openRoom();
    const person = newId();
    server.held.afterUpsert = async () => {
      await here.log.conversations.updateOne({ _id: room }, { $set: { deletedAt: new Date() } });
    };
    await expect(server.admit(room, person)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await rowsOf(room, person)).toEqual([]);
  });

  it('is nobody whose change came too late, and who comes back as if they had never been there', async () => {
    const server = openServer();
    const own = createOwnState({ log: here.log, members, memberReads: members });
    const room = await openRoom();
    const [owner, person] = [newId(), newId()];
    await server.admit(room, owner, 'owner');
    await server.admit(room, person);
    const whose = { kind: 'room' as const, conversationId: room, userId: person };
    expect(await own.setDraft(whose, { text: 'I was about to', rev: 1 }, 1)).toBe(true);
    await server.dismiss(room, person);
    expect(await own.setDraft(whose, { text: 'I was about to say', rev: 2 }, 1)).toBe(false);
    await own.setMute(whose, new Date());
    expect(await rowsOf(room, person)).toEqual([]);
    expect([await server.roleIn(room, person), await server.roleIn(room, owner)]).toEqual([null, 'owner']);
    await server.admit(room, person);
    expect((await rowsOf(room, person)).map(({ draft }) => draft)).toEqual([undefined]);
    expect(await server.peopleIn(room)).toEqual([owner, person]);
  });
});
