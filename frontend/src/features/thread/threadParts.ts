import type { Notice } from '@sori/client';
import type { Conversation, Id } from '@sori/contract';
import type { ComponentType } from 'react';
import type { Gone } from '../../store/state';
import type { ConversationRow } from '../conversations/conversationRows';
import type { Target } from '../conversations/target';

type Parts<Kind extends Gone['kind']> = {
  Header: ComponentType<{ target: Target; row: ConversationRow }>;
  /** In place of the list, where nothing was said yet. */
  Empty: ComponentType<{ conversation: Conversation; notices: readonly Notice[] }>;
  /** In place of the thread, where this person is not in it any more. */
  Gone: ComponentType<{ conversationId: Id; gone: Gone & { kind: Kind } }>;
};
export type GroupParts = Parts<'group'>;
export type RoomParts = Parts<'room'>;

/** What a thread shows where it is a group's or an open room's. It is handed in, for messages know neither. */
export type ThreadParts = {
  /** Not where the address can only lead into a room. */
  group?: GroupParts;
  room: RoomParts;
};
