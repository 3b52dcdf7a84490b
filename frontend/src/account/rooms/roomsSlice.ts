import { emptyRoom, hereListed, occupancyReceived } from './occupancy';
import { myId, type RoomsSlice, type Slice } from '../../store/state';

export const roomsStart: Pick<RoomsSlice, 'rooms'> = { rooms: {} };

export const roomsSlice: Slice<RoomsSlice> = (set) => ({
  ...roomsStart,
  roomOpened: (conversationId) =>
    set(({ rooms }) =>
      rooms[conversationId] === undefined ? { rooms: { ...rooms, [conversationId]: emptyRoom } } : {},
    ),
  roomClosed: (conversationId) =>
    set(({ rooms }) => {
      const { [conversationId]: _closed, ...others } = rooms;
      return { rooms: others };
    }),
  hereListed: (conversationId, here, coming) =>
    set(({ rooms }) => {
      const room = rooms[conversationId];
      return room === undefined
        ? {}
        : { rooms: { ...rooms, [conversationId]: hereListed(room, here, coming) } };
    }),
  occupancyReceived: (received) =>
    set((state) => {
      const { conversationId } = received;
      const room = state.rooms[conversationId];
      if (room === undefined) return {};
      const afterSeq = state.windows[conversationId]?.newestSeq ?? 0;
      const changed = occupancyReceived(room, received, myId(state), afterSeq);
      return { rooms: { ...state.rooms, [conversationId]: changed } };
    }),
});
