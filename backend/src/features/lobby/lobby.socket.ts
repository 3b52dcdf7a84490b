import { attachmentWords, type ErrorCode, type OpenRequests, openRequests } from '@sori/contract';
import { Types } from 'mongoose';
import { toAppError, toWireError } from '../../core/errors.js';
import type { EntryRow } from '../../conversation-log/entries.model.js';
import { answerEvents } from '../../realtime/answer.js';
import type { Clock } from '../../realtime/clock.js';
import { closeForGood, nameOf } from '../../realtime/connection.js';
import type { SocketServer } from '../../realtime/server.js';
import { placeOfSocket } from '../../realtime/whereabouts.js';
import { EmittedSeqs } from '../../delivery/emitted-seqs.js';
import { lobbyId } from '../rooms/room-id.js';
import type { Rooms } from '../rooms/room.service.js';
import { createLobbyAdmission, type LobbyAdmissionDeps } from './lobby-admission.js';
import { createLobbyAnswers, type LobbyAnswersDeps, type Plain, type PlainSocket } from './lobby-answers.js';
import { createLobbyEmitter, language } from './lobby-emitter.js';

export interface LobbyDeps extends LobbyAdmissionDeps, LobbyAnswersDeps {
  rooms: LobbyAdmissionDeps['rooms'] &
    LobbyAnswersDeps['rooms'] &
    Pick<Rooms, 'onOccupancyChange' | 'onEvicted' | 'onBanned'>;
  /** Counts one event of this connection; throws RATE_LIMITED. */
  eventLimit: { take: (connection: string) => Promise<void> };
  clock: Clock;
  /** Something was answered with this error, or somebody was not let in for it. */
  refused?: (code: ErrorCode) => void;
}

export type Lobby = ReturnType<typeof attachLobby>;

/** The lobby for plain clients, which know neither accounts nor conversations. */
export function attachLobby(io: SocketServer, deps: LobbyDeps) {
  const { rooms, eventLimit, config, clock, report } = deps;
  const space = io.of('/open');
  const emit = createLobbyEmitter(space);
  const letIn = createLobbyAdmission(deps);
  const { answers, socketOf, disconnected, allLeft } = createLobbyAnswers(deps);
  const emitted = new EmittedSeqs();

  space.use((socket, next) => {
    letIn(socket).then(
      () => next(),
      (error: unknown) => {
        const refusal = toAppError(error, report);
        deps.refused?.(refusal.code);
        next(Object.assign(new Error(refusal.message), { data: toWireError(refusal) }));
      },
    );
  });

  space.on('connection', (socket) => {
    const plain: Plain = {
      userId: new Types.ObjectId().toHexString(),
      address: placeOfSocket(socket, config.trustProxyHops).address,
      named: false,
      name: undefined,
    };
    socket.once('disconnect', () => disconnected(plain));
    answerEvents<OpenRequests, PlainSocket>(socket, {
      rows: openRequests,
      answers,
      asking: { socket, plain },
      count: () => eventLimit.take(nameOf(socket.conn) ?? socket.id),
      empty: undefined,
      refused: deps.refused,
      report,
    });
  });

  rooms.onOccupancyChange((change) => {
    if (change.conversationId === lobbyId) emit.occupancy(change);
  });
  rooms.onEvicted((userId) => {
    const socket = socketOf(userId);
    if (socket) closeForGood(socket, clock);
  });
  rooms.onBanned((conversationId, addresses) => {
    if (conversationId !== lobbyId) return;
    for (const socket of space.sockets.values()) {
      const { address } = placeOfSocket(socket, config.trustProxyHops);
      if (addresses.includes(address)) closeForGood(socket, clock);
    }
  });

  return {
    name: 'lobby',

    /** A message of the lobby was stored, whoever wrote it and on whichever server. Each is emitted once. */
    stored(entry: EntryRow): void {
      if (entry.conversationId.toHexString() !== lobbyId || !emitted.first(entry.seq)) return;
      if (entry.kind !== 'message') return;
      const words = entry.message || attachmentWords(entry.attachments, language);
      emit.message(entry.senderName ?? '', words, socketOf(entry.senderId.toHexString())?.id);
    },

    close: allLeft,
  };
}
