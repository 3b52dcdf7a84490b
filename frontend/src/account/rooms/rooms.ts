import { backOff, passes, toApiError } from '@sori/client';
import type { Id, RoomHere } from '@sori/contract';
import type { Api } from '../../api/api';
import type { Store } from '../../store/state';
import type { Clock } from '../../device/clock';

type Deps = { store: Store; api: Pick<Api, 'roomHere'>; clock: Clock };

export type Rooms = {
  /** The page shows that room: who is in it is kept up to date until what is returned is called. */
  open: (conversationId: Id, slug: string) => () => void;
  received: (here: RoomHere) => void;
  /** Nobody told who came and went while the connection was down: the open rooms are asked for anew. */
  resume: () => void;
  stop: () => void;
};

/** Who is in the open rooms that the page shows. */
export const createRooms = ({ store, api, clock }: Deps): Rooms => {
  const open = new Map<
    Id,
    { slug: string; asking: AbortController | null; early: RoomHere[]; cancel: () => void }
  >();

  const list = async (conversationId: Id, attempt: number): Promise<void> => {
    const room = open.get(conversationId);
    if (room === undefined) return;
    room.asking?.abort();
    room.cancel();
    const asking = new AbortController();
    room.asking = asking;
    room.early = [];
    try {
      const here = await api.roomHere(room.slug, asking.signal);
      if (asking.signal.aborted) return;
      const coming = new Set(room.early.flatMap(({ joined }) => joined.map(({ _id }) => _id)));
      store.getState().hereListed(conversationId, here, coming);
      room.asking = null;
      // Told while the list was on its way: it may have been made before or after.
      for (const received of room.early) store.getState().occupancyReceived(received);
    } catch (thrown) {
      if (asking.signal.aborted) return;
      room.asking = null;
      const error = toApiError(thrown);
      if (passes(error))
        room.cancel = clock.after(
          Math.max(error.retryAfterMs ?? 0, backOff(attempt, clock.random)),
          () => void list(conversationId, attempt + 1),
        );
    }
  };

  return {
    open: (conversationId, slug) => {
      open.set(conversationId, { slug, asking: null, early: [], cancel: () => undefined });
      store.getState().roomOpened(conversationId);
      void list(conversationId, 0);
      return () => {
        const room = open.get(conversationId);
        room?.asking?.abort();
        room?.cancel();
        open.delete(conversationId);
        store.getState().roomClosed(conversationId);
      };
    },
    received: (here) => {
      const room = open.get(here.conversationId);
      if (room === undefined) return;
      if (room.asking === null) store.getState().occupancyReceived(here);
      else room.early.push(here);
    },
    resume: () => {
      for (const conversationId of open.keys()) void list(conversationId, 0);
    },
    stop: () => {
      for (const { asking, cancel } of open.values()) {
        asking?.abort();
        cancel();
      }
      open.clear();
    },
  };
};
