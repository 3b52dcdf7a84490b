import type { RoomParts } from '../messages/roomParts';
import { EmptyRoom } from './EmptyRoom';
import { RoomHeader } from './RoomHeader';
import { RoomGone } from './RoomNotices';

/** For each `Thread`: any conversation may turn out to be a room. */
export const roomParts: RoomParts = { Header: RoomHeader, Empty: EmptyRoom, Gone: RoomGone };
