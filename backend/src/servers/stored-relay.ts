import type { Audience } from '../core/audience.js';
import type { EntryRow, MessageRow } from '../conversation-log/entries.model.js';
import { isChange } from '../conversation-log/message-projection.js';
import type { Subscriber } from '../conversation-log/stored-entries.js';
import type { Turn, Turns } from '../conversation-log/turns.js';
import type { Link } from './link.js';
import { channels, type Publications } from './publications.js';

/** A message with more bytes of reactions than these is read by who emits it, once for all that change it meanwhile. */
const targetBytesMax = 8 * 1024;
/** About what somebody who reacted takes, in bytes. */
const reactorBytes = 60;
/** More newcomers than this are not called one by one: all servers hear of them. */
const calledSingly = 20;

export interface StoredRelayDeps {
  link: Pick<Link, 'isUp' | 'publishOver' | 'on'>;
  audienceOf: (conversationId: string, membersVersion: number) => Audience | Promise<Audience | null>;
  /** Takes to heart what another server knows to be durable. */
  learn: (entry: EntryRow, turn?: Turn) => void;
  turns: Pick<Turns, 'self' | 'saidWith' | 'askedBy' | 'onAsk'>;
  /** Who is in a direct conversation never changes. */
  learnDirect: (conversationId: string, participants: readonly string[]) => void;
  /** The message that a change changes, as it is now. */
  targetOf: (entry: EntryRow) => Promise<MessageRow | undefined>;
  /** An entry is in the log for good, and another server stored it. */
  storedElsewhere: (entry: EntryRow, target?: MessageRow) => void;
  report: (error: unknown) => void;
}

/** What one server stored, to the others that have somebody whom it concerns. */
export function createStoredRelay(deps: StoredRelayDeps): Subscriber {
  const { link, audienceOf, learn, turns, learnDirect, targetOf, storedElsewhere, report } = deps;

  link.on('stored', ({ entry, target, participants, turn }) => {
    learn(entry, turn);
    if (participants) learnDirect(entry.conversationId.toHexString(), participants);
    if (target || !isChange(entry)) storedElsewhere(entry, target);
    else targetOf(entry).then((found) => storedElsewhere(entry, found), report);
  });

  link.on('turnAsked', ({ conversationId, by }) => turns.askedBy(conversationId, by));
  turns.onAsk((id) => {
    withAudience(id, 0, (audience) =>
      link.publishOver(over(audience), 'turnAsked', { conversationId: id, by: turns.self }),
    );
  });

  /** At once where this process knows them, so that what is published stays in order. */
  function withAudience(id: string, membersVersion: number, use: (audience: Audience) => void): void {
    const audience = audienceOf(id, membersVersion);
    if (!(audience instanceof Promise)) use(audience);
    else audience.then((found) => found && use(found), report);
  }

  function publish(entry: EntryRow, target: MessageRow | undefined, audience: Audience): void {
    const { kind, participants } = audience;
    const stored: Publications['stored'] = { entry, turn: turns.saidWith(entry) };
    if (target && bytesOf(target) <= targetBytesMax) stored.target = target;
    if (kind === 'direct') {
      stored.participants = participants;
      link.publishOver(over(audience), 'stored', stored);
      return;
    }
    // Their servers may not listen to this conversation yet.
    const newcomers = entry.kind === 'member' && entry.change !== 'role' ? entry.userIds : [];
    const called =
      newcomers.length > calledSingly
        ? [channels.servers]
        : newcomers.map((id) => channels.person(id.toHexString()));
    link.publishOver([...over(audience), ...called], 'stored', stored);
  }

  return {
    name: 'other servers',
    stored(entry, target) {
      if (!link.isUp()) return;
      withAudience(entry.conversationId.toHexString(), entry.membersVersion, (audience) =>
        publish(entry, target, audience),
      );
    },
  };
}

/** Who is in a direct conversation is reached as a person. */
const over = ({ conversationId, kind, participants }: Audience): string[] =>
  kind === 'direct' ? participants.map(channels.person) : [channels.conversation(conversationId)];

/** Its reactions are all that has no small bound. */
const bytesOf = ({ reactions }: MessageRow): number =>
  ArrayBuffer.isView(reactions) ? reactions.byteLength : reactions.length * reactorBytes;
