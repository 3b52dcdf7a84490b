import { asEntry, type CatchUp, createCatchUp } from '@sori/client';
import type { Conversation, Entry, Heads, Message } from '@sori/contract';
import { createDeliveries, type DeliveriesDeps } from './deliveries.js';
import { failureOf } from './failure.js';
import { createPages, type PagesDeps } from './pages.js';
import type { Rest } from './rest.js';
import { createViews } from './views.js';

export type FollowDeps = PagesDeps & DeliveriesDeps & { isConnected: () => boolean };

const snapshotSize = 100;
const snapshotRetryMs = 1_500;

export type Follow = ReturnType<typeof createFollow>;

/** What one device holds of its conversations: the client's follower above, a plain picture of the messages below. */
export function createFollow(deps: FollowDeps) {
  const { device, userId, clock, rest, isConnected, recorder } = deps;
  const views = createViews({ device, userId, recorder });
  const fetchEntries = createPages(deps);
  const deliver = createDeliveries(deps);
  /** These begin with the newest page instead of the beginning of the log. */
  const withSnapshot = new Set<string>();
  let snapshotsPreferred = false;
  let catchUp = follow();
  let stopped = false;

  function follow(): CatchUp {
    return createCatchUp({
      clock,
      isConnected,
      fetchEntries,
      applied: (conversationId, entries) => {
        for (const entry of entries) views.apply(conversationId, entry);
      },
      describe: (conversationId) => queueMicrotask(() => void describe(conversationId)),
      startedOver: (conversationId) => {
        views.delete(conversationId);
        withSnapshot.add(conversationId);
        recorder.count('started over');
      },
      begun: views.begin,
      gone: (conversationId) => {
        views.delete(conversationId);
        if (!recorder.isGroup(conversationId))
          recorder.notice({ rule: 'I11', what: `${device} was told that ${conversationId} is gone` });
      },
      // For who keeps what was told: these keep nothing.
      epochReceived: () => undefined,
      epochChanged: () =>
        recorder.notice({ rule: 'I4', what: `${device} was told another epoch: nobody restored a database` }),
    });
  }

  async function describe(conversationId: string): Promise<void> {
    if (stopped) return;
    if (views.has(conversationId)) catchUp.described(conversationId, views.cursorOf(conversationId));
    else if (withSnapshot.has(conversationId) || snapshotsPreferred) await takeSnapshot(conversationId);
    else {
      views.begin(conversationId);
      catchUp.described(conversationId, 0);
    }
  }

  async function takeSnapshot(conversationId: string): Promise<void> {
    const current = catchUp;
    try {
      const { headSeq, fromSeq, history } = await readSnapshot(rest, conversationId);
      if (current !== catchUp || stopped || views.has(conversationId)) return;
      for (const message of history) recorder.messageCame(userId, message);
      views.beginWith(conversationId, headSeq, fromSeq, history);
      withSnapshot.delete(conversationId);
      recorder.count('snapshots taken');
      catchUp.described(conversationId, headSeq);
    } catch (thrown) {
      if (failureOf(thrown).then === 'give up') {
        // Out of the group: there is nothing to be had, and whoever is taken in again begins anew.
        if (current === catchUp && !views.has(conversationId)) catchUp.forget(conversationId);
        return;
      }
      clock.after(snapshotRetryMs, () => {
        if (current === catchUp && !stopped && !views.has(conversationId)) void takeSnapshot(conversationId);
      });
    }
  }

  function receive(entry: Entry): void {
    recorder.entryCame(userId, entry);
    const current = catchUp;
    deliver(() => current.received(entry));
  }

  return {
    messageReceived: (message: Message): void => receive(asEntry(message)),
    entryReceived: receive,
    /** The person was taken out of it. */
    goneReceived(conversationId: string): void {
      catchUp.forget(conversationId);
      views.delete(conversationId);
    },
    headsReceived(heads: Heads): void {
      for (const { conversationId } of heads.heads) recorder.belongs(userId, conversationId);
      catchUp.hinted(heads);
    },
    /** Someone learns that a conversation is there without having heard an entry of it. */
    resume: (): void => catchUp.resume(),
    cursorOf: views.cursorOf,
    /** False where the device waits for the server to describe it, or has heard nothing of it. */
    isFollowed: (conversationId: string): boolean => catchUp.cursorOf(conversationId) !== null,
    messagesOf: views.messagesOf,
    views: views.all,

    /** The page is closed and opened again: with what it had stored, or with nothing. */
    reload(forget: boolean, snapshots: boolean): void {
      catchUp.stop();
      if (forget) {
        views.clear();
        withSnapshot.clear();
        snapshotsPreferred = snapshots;
      }
      catchUp = follow();
    },
    stop(): void {
      stopped = true;
      catchUp.stop();
    },
  };
}

/** The newest page of a conversation, and how far its log goes. */
async function readSnapshot(rest: Rest, conversationId: string) {
  const { headSeq } = (await rest('GET', `/api/conversations/${conversationId}`)).body as Conversation;
  const history = (await rest('GET', `/api/messages/${conversationId}?limit=${snapshotSize}`))
    .body as Message[];
  const fromSeq = history.length < snapshotSize ? 1 : (history[0]?.seq ?? 1);
  return { headSeq, fromSeq, history };
}
