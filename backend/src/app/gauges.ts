import mongoose from 'mongoose';
import type { SocketServer } from '../realtime/server.js';
import type { Base } from './base.js';
import type { Services } from './services.js';

/** What is measured only when somebody asks for it. */
export function measure(
  { config, metrics, redis, store, transport }: Base,
  { conversationLog, servers }: Services,
): void {
  metrics.gauge({
    name: 'sori_server_info',
    help: 'Always 1: the name of this server, as it is in its log',
    label: 'server',
    read: () => ({ [config.serverId]: 1 }),
  });
  metrics.gauge({
    name: 'sori_servers_live',
    help: 'Servers on this database that wrote that they are alive within 45 s, this one included',
    read: () => servers.live().length + 1,
  });
  metrics.gauge({
    name: 'sori_clock_skew_seconds',
    help: 'How far the clock of this machine is ahead of the database’s, in seconds; behind it, below 0',
    read: () => servers.clockSkewMs() / 1_000,
  });
  if (redis) {
    metrics.gauge({
      name: 'sori_redis_up',
      help: 'Whether Redis answers (1) or is away (0)',
      read: () => (redis.isUp() ? 1 : 0),
    });
  }
  metrics.gauge({
    name: 'sori_sockets',
    help: 'Connected sockets: of accounts, of guests, of tutorial clients, of plain clients of the lobby',
    label: 'kind',
    read: () => socketsByKind(transport.io),
  });
  metrics.gauge({
    name: 'sori_append_queue_entries',
    help: 'Entries that wait to be appended to the log',
    read: conversationLog.waiting,
  });
  metrics.gauge({
    name: 'sori_heads_behind',
    help: 'Conversations whose head is behind their log and waits to be stored',
    read: conversationLog.heads.behind,
  });
  metrics.gauge({
    name: 'sori_database_up',
    help: 'Whether the database is connected (1) or away (0)',
    read: () => (store.connection.readyState === mongoose.ConnectionStates.connected ? 1 : 0),
  });
}

function socketsByKind(io: SocketServer): Record<string, number> {
  const kinds = { account: 0, guest: 0, tutorial: 0, open: io.of('/open').sockets.size };
  for (const { data } of io.sockets.sockets.values()) {
    kinds[data.session.guest ? 'guest' : data.speaksSori ? 'account' : 'tutorial'] += 1;
  }
  return kinds;
}
