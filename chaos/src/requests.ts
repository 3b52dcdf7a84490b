import type { Ask } from '@sori/client';
import type { Message } from '@sori/contract';
import type { Intent } from './evidence.js';
import type { Random } from './random.js';
import type { Rest } from './rest.js';

export interface RequestsDeps {
  ask: Ask;
  rest: Rest;
  random: Random;
}

/** Asks for what was intended, over the one way or the other. */
export function createRequests({ ask, rest, random }: RequestsDeps) {
  const overRest = async (method: string, path: string, body: object): Promise<Message> =>
    (await rest(method, `/api/messages/${path}`, body)).body as Message;
  const messageOf = (answer: Promise<{ message: Message }>): Promise<Message> =>
    answer.then(({ message }) => message);

  return function request(intent: Intent & { to: string; bySocket?: boolean }): Promise<Message> {
    const { kind, clientId, to, text = '', targetId = '', emojis = [], single, pinned = false } = intent;
    const { bySocket = false } = intent;
    // Another way on another try is the harder case: the first may have come through.
    const byRest = single !== undefined || (random.chance(0.3) && !bySocket);
    switch (kind) {
      case 'message':
        return byRest
          ? overRest('POST', `send/${to}`, { message: text, clientId })
          : messageOf(ask('message:send', { to, message: text, clientId }));
      case 'edit':
        return byRest
          ? overRest('PATCH', targetId, { message: text, clientId })
          : messageOf(ask('message:edit', { messageId: targetId, message: text, clientId }));
      case 'delete':
        return byRest
          ? overRest('DELETE', targetId, { clientId })
          : messageOf(ask('message:delete', { messageId: targetId, clientId }));
      case 'react': {
        if (!single)
          return messageOf(ask('message:react', { messageId: targetId, emojis: [...emojis], clientId }));
        const path = `${targetId}/reactions/${encodeURIComponent(single.emoji)}`;
        return overRest(single.on ? 'PUT' : 'DELETE', path, { clientId });
      }
      case 'pin':
        return byRest
          ? overRest(pinned ? 'PUT' : 'DELETE', `${targetId}/pin`, { clientId })
          : messageOf(ask('message:pin', { messageId: targetId, pinned, clientId }));
    }
  };
}
