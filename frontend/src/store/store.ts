import { createStore, type StoreApi } from 'zustand/vanilla';
import { blocksSlice } from './blocksSlice';
import { changesSlice } from './changesSlice';
import { conversationsSlice } from './conversationsSlice';
import { draftsSlice } from './draftsSlice';
import { editsSlice } from './editsSlice';
import { messagesSlice } from './messagesSlice';
import { notificationsSlice } from './notificationsSlice';
import { outboxSlice } from './outboxSlice';
import { peopleSlice } from './peopleSlice';
import { roomsSlice } from './roomsSlice';
import { sessionSlice } from './sessionSlice';
import { settingsSlice } from './settingsSlice';
import type { State } from './state';
import { typingSlice } from './typingSlice';

export type Store = StoreApi<State>;

/** One per page. */
export const createAppStore = (): Store =>
  createStore<State>()((...given) => ({
    ...sessionSlice(...given),
    ...peopleSlice(...given),
    ...conversationsSlice(...given),
    ...messagesSlice(...given),
    ...changesSlice(...given),
    ...outboxSlice(...given),
    ...draftsSlice(...given),
    ...editsSlice(...given),
    ...typingSlice(...given),
    ...roomsSlice(...given),
    ...blocksSlice(...given),
    ...settingsSlice(...given),
    ...notificationsSlice(...given),
  }));
