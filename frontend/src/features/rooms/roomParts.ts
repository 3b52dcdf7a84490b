import type { RoomParts, ThreadParts } from '../thread/threadParts';
import { EmptyRoom } from './EmptyRoom';
import { GoneRoom } from './GoneRoom';
import { RoomHeader } from './RoomHeader';

export const roomParts: RoomParts = { Header: RoomHeader, Empty: EmptyRoom, Gone: GoneRoom };

/** For an address that can only lead into a room. */
export const inRoom: ThreadParts = { room: roomParts };
