import type { ConversationRow } from '../conversation-log/conversations.model.js';
import type { EntryRow, MessageRow } from '../conversation-log/entries.model.js';
import { isChange } from '../conversation-log/message-projection.js';
import { toAppError } from '../core/errors.js';
import { createCatchUp } from '../servers/catch-up.js';
import { createHeartbeat } from '../servers/heartbeat.js';
import { startRounds } from '../servers/rounds.js';
import { createStoredRelay } from '../servers/stored-relay.js';
import type { Sockets } from '../realtime/sockets.js';
import type { Base } from './base.js';
import { subscribeRooms } from './room-relay.js';
import type { Services } from './services.js';

/** Where there are several servers: what this one stored goes to the others, and what they stored comes here. */
export function subscribeServers(
  base: Base,
  services: Services,
  sockets: Pick<Sockets, 'sendAway'>,
): () => void {
  const { accounts, blocks, conversations, conversationLog, presenceRelay, servers } = services;
  const { config, storedEntries, relay, transport, clock } = base;
  const { link, subscriptions } = relay;
  if (!subscriptions || !presenceRelay) return () => undefined;
  const report = (error: unknown): void => void toAppError(error, base.report);

  async function targetOf(entry: EntryRow): Promise<MessageRow | undefined> {
    if (!isChange(entry)) return undefined;
    return (await conversationLog.targetsOf(entry.conversationId, [entry])).get(entry.targetSeq);
  }
  const concerns = ({ _id, kind, participants }: ConversationRow): boolean =>
    kind === 'direct'
      ? participants.some((id) => subscriptions.isHere(id.toHexString()))
      : subscriptions.in(_id.toHexString()).size > 0;

  const heartbeat = createHeartbeat({
    serverId: config.serverId,
    link,
    number: presenceRelay.number,
    gone: presenceRelay.gone,
    woke() {
      base.log.warn('This server was stopped for so long that the others took it for dead');
      sockets.sendAway().catch(base.report);
    },
    peers: () => servers.live().map(({ serverId }) => serverId),
    clock,
  });
  const catchUp = createCatchUp({
    link,
    hearsAll: heartbeat.hearsAll,
    conversations: conversationLog.reads.conversations,
    after: conversationLog.after,
    concerns,
    storedElsewhere: storedEntries.publishOfOthers,
    clock,
    report,
  });
  servers.onVanished(presenceRelay.gone);
  subscribeRooms(base, services, report);
  const endRounds = startRounds({
    link,
    hearsAll: heartbeat.hearsAll,
    questions: [
      () => accounts.endMissing(transport.whereabouts.sessions().filter(({ guest }) => !guest)),
      () => blocks.lookAgain(),
      () => services.rooms.elsewhere.look(),
    ],
    clock,
    report,
  });
  subscriptions.onBeginning((conversationId) => {
    const emitMissing = catchUp.conversation(conversationId);
    return () => void emitMissing().catch(report);
  });
  storedEntries.subscribe({ name: 'catching up', stored: catchUp.emitted });
  storedEntries.subscribeToOwn(
    createStoredRelay({
      link,
      audienceOf: conversations.audienceOf,
      learn: conversationLog.learn,
      turns: conversationLog.turns,
      learnDirect: conversations.learnDirect,
      targetOf,
      storedElsewhere: storedEntries.publishOfOthers,
      report,
    }),
  );
  return () => {
    endRounds();
    heartbeat.close();
    catchUp.close();
    presenceRelay.close();
  };
}
