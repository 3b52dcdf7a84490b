import { createStore } from 'zustand/vanilla';
import { blocksSlice } from '../account/people/blocksSlice';
import { changesSlice } from '../account/changes/changesSlice';
import { conversationsSlice } from '../account/conversations/conversationsSlice';
import { draftsSlice } from '../account/drafts/draftsSlice';
import { editsSlice } from '../account/edits/editsSlice';
import { messagesSlice } from '../account/history/messagesSlice';
import { notificationsSlice } from '../account/notifications/notificationsSlice';
import { outboxSlice } from '../account/outbox/outboxSlice';
import { peopleSlice } from '../account/people/peopleSlice';
import { roomsSlice } from '../account/rooms/roomsSlice';
import { sessionSlice } from './sessionSlice';
import { settingsSlice } from './settingsSlice';
import type { State, Store } from '../store/state';
import { uploadsSlice } from '../account/uploads/uploadsSlice';
import { typingSlice } from '../account/typing/typingSlice';

/** One per page. */
export const createAppStore = (): Store =>
  createStore<State>()((...given) => ({
    ...sessionSlice(...given),
    ...peopleSlice(...given),
    ...conversationsSlice(...given),
    ...messagesSlice(...given),
    ...changesSlice(...given),
    ...outboxSlice(...given),
    ...uploadsSlice(...given),
    ...draftsSlice(...given),
    ...editsSlice(...given),
    ...typingSlice(...given),
    ...roomsSlice(...given),
    ...blocksSlice(...given),
    ...settingsSlice(...given),
    ...notificationsSlice(...given),
  }));
