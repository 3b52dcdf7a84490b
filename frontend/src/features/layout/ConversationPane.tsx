import { useMemo } from 'react';
import { useParams } from 'react-router';
import { GroupFrame } from '../groups/GroupFrame';
import { groupParts } from '../groups/groupParts';
import { Thread } from '../thread/Thread';
import type { ThreadParts } from '../thread/threadParts';
import { RoomFrame } from '../rooms/RoomFrame';
import { roomParts } from '../rooms/roomParts';
import type { Target } from '../conversations/target';

/** Any conversation may turn out to be a group or a room. */
const parts: ThreadParts = { group: groupParts, room: roomParts };

/** What the address names: a conversation, or a person with whom there may be none yet. */
export function ConversationPane() {
  const { conversationId, userId } = useParams();
  const target = useMemo<Target | null>(() => {
    if (conversationId !== undefined) return { conversationId };
    return userId === undefined ? null : { userId };
  }, [conversationId, userId]);
  if (target === null) return null;
  return (
    <RoomFrame target={target}>
      <GroupFrame target={target}>
        <Thread target={target} parts={parts} />
      </GroupFrame>
    </RoomFrame>
  );
}
