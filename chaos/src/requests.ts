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

/** What is in the file of a message: JSON, so that REST carries it both ways. */
export const contentOf = (clientId: string, bytes: number): { of: string; filler: string } => ({
  of: clientId,
  filler: 'x'.repeat(bytes),
});

/** Asks for what was intended, over the one way or the other. */
export function createRequests({ ask, rest, random }: RequestsDeps) {
  const overRest = async (method: string, path: string, body: object): Promise<Message> =>
    (await rest(method, `/api/messages/${path}`, body)).body as Message;
  const messageOf = (answer: Promise<{ message: Message }>): Promise<Message> =>
    answer.then(({ message }) => message);

  /** What was uploaded for a message that is not answered yet. */
  const uploads = new Map<string, string>();

  /** Uploaded first, and again where that is not known to have come through. */
  async function attachmentsOf({ clientId, fileBytes }: Intent): Promise<{ fileId: string }[]> {
    if (fileBytes === undefined) return [];
    let fileId = uploads.get(clientId);
    if (fileId === undefined) {
      const { body } = await rest('POST', '/api/files', contentOf(clientId, fileBytes));
      ({ fileId } = body as { fileId: string });
      uploads.set(clientId, fileId);
    }
    return [{ fileId }];
  }

  return async function request(intent: Intent & { to: string; bySocket?: boolean }): Promise<Message> {
    const { kind, clientId, to, text = '', targetId = '', emojis = [], single, pinned = false } = intent;
    const { bySocket = false } = intent;
    // Another way on another try is the harder case: the first may have come through.
    const byRest = single !== undefined || (random.chance(0.3) && !bySocket);
    switch (kind) {
      case 'message': {
        const send = { message: text, clientId, attachments: await attachmentsOf(intent) };
        const message = await (byRest
          ? overRest('POST', `send/${to}`, send)
          : messageOf(ask('message:send', { to, ...send })));
        uploads.delete(clientId);
        return message;
      }
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
