import * as z from 'zod/mini';
import { Conversation } from './conversations.js';
import { limits } from './limits.js';
import { Person } from './people.js';
import { Id, queryLimit, Time } from './primitives.js';
import { Settings } from './settings.js';
import { Versions } from './versions.js';

/** The query of `GET /api/bootstrap`: how many conversations its first page has. */
export const BootstrapQuery = z.object({
  limit: queryLimit(limits.pageDefault, limits.pageMax),
  /** The `asOf` of an earlier answer, for a page that holds the whole list as it was then. */
  since: z.optional(Time),
});
export type BootstrapQuery = z.infer<typeof BootstrapQuery>;

/** What a page needs to begin, in one answer. */
export const Bootstrap = z.object({
  me: Person,
  settings: Settings,
  /** Whom the caller blocks, the latest first. */
  blocks: z.array(Id),
  admin: z.boolean(),
  /** The first page of the list. */
  conversations: z.array(Conversation),
  /** The `before` of the list's next page; null behind the last one. */
  next: z.nullable(z.string()),
  /** Those whom these conversations, their latest messages and `blocks` name. Who is left out can be asked for. */
  people: z.array(Person),
  /** Nothing that happened before that is missing here. By the database's clock. */
  asOf: z.optional(Time),
  /**
   * Where `since` was given: in which conversations anything of the caller's own (how far they read, a mark, a mute, a draft)
   * changed after it. What else changed there is in their logs. Left out where it is too much: then the whole list
   * is read.
   */
  changed: z.optional(z.array(Id)),
  versions: Versions,
});
export type Bootstrap = z.infer<typeof Bootstrap>;
