import { blocksStart } from '../account/people/blocksSlice';
import { changesStart } from '../account/changes/changesSlice';
import { conversationsStart } from '../account/conversations/conversationsSlice';
import { draftsStart } from '../account/drafts/draftsSlice';
import { editsStart } from '../account/edits/editsSlice';
import { messagesStart } from '../account/history/messagesSlice';
import { notificationsStart } from '../account/notifications/notificationsSlice';
import { outboxStart } from '../account/outbox/outboxSlice';
import { peopleStart } from '../account/people/peopleSlice';
import { roomsStart } from '../account/rooms/roomsSlice';
import { settingsStart } from './settingsSlice';
import type { SessionSlice, Slice } from '../store/state';
import { uploadsStart } from '../account/uploads/uploadsSlice';
import { typingStart } from '../account/typing/typingSlice';

/** What belongs to one account and must not be there for the next one. */
const accountStart = () => ({
  me: null,
  visit: null,
  ...peopleStart,
  ...conversationsStart,
  ...messagesStart,
  ...changesStart,
  ...outboxStart,
  ...uploadsStart,
  ...draftsStart,
  ...editsStart,
  ...typingStart,
  ...roomsStart,
  ...blocksStart,
  ...settingsStart,
  ...notificationsStart,
});

export const sessionSlice: Slice<SessionSlice> = (set) => ({
  status: 'unknown',
  me: null,
  visit: null,
  visitEnd: null,
  suspended: false,
  connection: 'connecting',
  release: 'current',
  signedIn: (me) =>
    set((state) => ({
      ...(state.me?._id === me._id ? {} : accountStart()),
      status: 'signedIn',
      me,
      visitEnd: null,
      people: { ...(state.me?._id === me._id ? state.people : {}), [me._id]: me },
    })),
  signedOut: (suspended = false) =>
    set((state) => ({
      ...accountStart(),
      status: 'signedOut',
      // What ends the session is told first; that there is none is found out again behind it.
      suspended: suspended || (state.status === 'signedOut' && state.suspended),
    })),
  guestEntered: (me, visit) =>
    set((state) => {
      const isSame = state.me?._id === me._id;
      return {
        ...(isSame ? {} : accountStart()),
        status: 'guest',
        me,
        visit,
        visitEnd: null,
        people: { ...(isSame ? state.people : {}), [me._id]: me },
      };
    }),
  guestLeft: (visitEnd) => set({ ...accountStart(), status: 'signedOut', visitEnd }),
  visitEndSeen: () => set({ visitEnd: null }),
  connectionChanged: (connection) => set({ connection }),
  // Told on each connection: that it was updated stays until the page is gone.
  releaseChanged: (release) =>
    set((state) => (release === 'current' && state.release === 'updated' ? {} : { release })),
});
