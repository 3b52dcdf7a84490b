/** The page's own rules, handed to the simulated people: checked here against what they expect of them. */
import {
  ApiError,
  backOff,
  createAsk,
  createCatchUp,
  createSocket,
  emptyOutbox,
  itemsOf,
  needsSignIn,
  nextToSend,
  type Outbox,
  outboxRules,
  passes,
  toApiError,
} from '@sori/client';
import type { ErrorCode } from '@sori/contract';
import type { Page } from '../src/page';

const createOutbox: Page['createOutbox'] = () => {
  let outbox: Outbox = emptyOutbox;
  return {
    write: ({ clientId, lane }) => {
      outbox = outboxRules.written(outbox, { clientId, lane, to: lane, text: '', queuedAt: '' });
    },
    next: (inFlight) => nextToSend(outbox, inFlight).map(({ clientId }) => clientId),
    done: (clientId) => {
      outbox = outboxRules.settled(outbox, new Set([clientId]));
    },
    waiting: () => itemsOf(outbox).length,
  };
};

const openSocket: Page['createSocket'] = (options) => {
  const socket = createSocket(options);
  return {
    isConnected: () => socket.connected,
    comesBack: () => socket.active,
    connect: () => void socket.connect(),
    disconnect: () => void socket.disconnect(),
    // Socket.IO's own signature cannot follow an event name that is a variable.
    on: (name, handler) =>
      void (socket.on as (name: string, handler: unknown) => unknown).call(socket, name, handler),
    ask: createAsk(socket),
  };
};

export const page: Page = {
  createSocket: openSocket,
  createCatchUp,
  createOutbox,
  failureOf: (thrown) => {
    const error = toApiError(thrown);
    const then = needsSignIn(error) ? 'hold' : passes(error) ? 'again' : 'give up';
    return { code: error.code, message: error.message, retryAfterMs: error.retryAfterMs, then };
  },
  refusal: (code, message, retryAfterMs) => new ApiError(code as ErrorCode, message, { retryAfterMs }),
  backOff,
};
