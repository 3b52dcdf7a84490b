import type { Ask } from '@sori/client';
import type { EntriesPage } from '@sori/contract';
import type { Random } from './random.js';
import type { Recorder } from './recorder.js';
import type { Rest } from './rest.js';

export interface PagesDeps {
  device: string;
  userId: string;
  ask: Ask;
  rest: Rest;
  recorder: Recorder;
  random: Random;
}

export interface PageAsked {
  conversationId: string;
  after: number;
  limit: number;
  epoch?: string | undefined;
  targets: 'once';
}

/** What was acknowledged before a page was asked for. */
interface Floor {
  log: number;
  head: number;
}

/** Fetches pages of a log, over the one way or the other, and looks at what each of them says. */
export function createPages(deps: PagesDeps) {
  const { device, userId, ask, rest, recorder, random } = deps;

  async function overRest({ conversationId, after, limit, targets, epoch }: PageAsked): Promise<EntriesPage> {
    const query = `after=${after}&limit=${limit}&targets=${targets}${epoch === undefined ? '' : `&epoch=${epoch}`}`;
    return (await rest('GET', `/api/conversations/${conversationId}/entries?${query}`)).body as EntriesPage;
  }

  function inspect({ conversationId, after }: PageAsked, page: EntriesPage, floor: Floor): void {
    for (const entry of page.entries) recorder.entryCame(userId, entry);
    if (page.reset)
      recorder.notice({ rule: 'I4', what: `${device}, at ${after} of ${conversationId}, was told to reset` });
    // A page that says it is the last one has been read up to the end of the log.
    const least = page.more ? floor.head : floor.log;
    if (!page.reset && page.headSeq < least)
      recorder.notice({
        rule: 'visible',
        what: `a page of ${conversationId} says headSeq ${page.headSeq} after ${least} was acknowledged`,
      });
    const begin = page.tooLong ? (page.entries[0]?.seq ?? 1) - 1 : after;
    page.entries.forEach((entry, index) => {
      if (entry.seq !== begin + 1 + index)
        recorder.notice({ rule: 'I1', what: `a page of ${conversationId} after ${after} has a hole` });
    });
  }

  return async function fetchPage(wanted: PageAsked): Promise<EntriesPage> {
    const { conversationId } = wanted;
    const floor = {
      log: recorder.floorOf(conversationId),
      head: recorder.headFloorOf(conversationId),
    };
    // Small pages, too, so that there are seams between them.
    const asked = { ...wanted, limit: random.chance(0.3) ? random.whole(1, 20) : wanted.limit };
    const page = random.chance(0.3) ? await overRest(asked) : await ask('entries:after', asked);
    recorder.count('pages fetched');
    inspect(asked, page, floor);
    return page;
  };
}
