import { changesStart } from './changesSlice';
import { conversationsStart } from './conversationsSlice';
import { draftsStart } from './draftsSlice';
import { messagesStart } from './messagesSlice';
import { notificationsStart } from './notificationsSlice';
import { outboxStart } from './outboxSlice';
import { peopleStart } from './peopleSlice';
import { settingsStart } from './settingsSlice';
import type { SessionSlice, Slice } from './state';
import { typingStart } from './typingSlice';

/** What belongs to one account and must not be there for the next one. */
const accountStart = () => ({
  me: null,
  ...peopleStart,
  ...conversationsStart,
  ...messagesStart,
  ...changesStart,
  ...outboxStart,
  ...draftsStart,
  ...typingStart,
  ...settingsStart,
  ...notificationsStart,
});

export const sessionSlice: Slice<SessionSlice> = (set) => ({
  status: 'unknown',
  me: null,
  connection: 'connecting',
  signedIn: (me) =>
    set((state) => ({
      ...(state.me?._id === me._id ? {} : accountStart()),
      status: 'signedIn',
      me,
      people: { ...(state.me?._id === me._id ? state.people : {}), [me._id]: me },
    })),
  signedOut: () => set({ ...accountStart(), status: 'signedOut' }),
  connectionChanged: (connection) => set({ connection }),
});
