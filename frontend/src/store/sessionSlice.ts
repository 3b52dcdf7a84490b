import { blocksStart } from './blocksSlice';
import { changesStart } from './changesSlice';
import { conversationsStart } from './conversationsSlice';
import { draftsStart } from './draftsSlice';
import { editsStart } from './editsSlice';
import { messagesStart } from './messagesSlice';
import { notificationsStart } from './notificationsSlice';
import { outboxStart } from './outboxSlice';
import { peopleStart } from './peopleSlice';
import { roomsStart } from './roomsSlice';
import { settingsStart } from './settingsSlice';
import type { SessionSlice, Slice } from './state';
import { typingStart } from './typingSlice';

/** What belongs to one account and must not be there for the next one. */
const accountStart = () => ({
  me: null,
  visit: null,
  ...peopleStart,
  ...conversationsStart,
  ...messagesStart,
  ...changesStart,
  ...outboxStart,
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
