import type { Ask } from '@sori/client';
import type { Conversation, Message } from '@sori/contract';
import type { Place } from './person.js';
import type { Recorder } from './recorder.js';
import type { Rest } from './rest.js';

export interface AuditDeps {
  device: string;
  userId: string;
  ask: Ask;
  rest: Rest;
  recorder: Recorder;
}

/** Says how far somebody has read, or received, and looks whether the answer falls behind an earlier one. */
export async function movePosition(
  { device, userId, ask, recorder }: AuditDeps,
  { kind, conversationId, seq }: { kind: 'read' | 'deliver'; conversationId: string; seq: number },
): Promise<void> {
  const before = recorder.receiptOf(conversationId, userId);
  try {
    const after = await ask(kind === 'read' ? 'read:set' : 'delivered:set', { conversationId, seq });
    recorder.count(`${kind}: acknowledged`);
    if (after.readSeq < before.readSeq || after.deliveredSeq < before.deliveredSeq)
      recorder.notice({
        rule: 'I8',
        what: `${device} was answered ${after.readSeq}/${after.deliveredSeq} of ${conversationId} after ${before.readSeq}/${before.deliveredSeq}`,
      });
    recorder.raise(conversationId, userId, after.readSeq, after.deliveredSeq);
  } catch {
    // A position is sent anew with the next one; nothing waits for it.
  }
}

/** Reads what REST says, at any moment: what was acknowledged before must be in it. */
export async function audit(
  { userId, rest, recorder }: AuditDeps,
  { conversationId, isGroup }: Place,
  how: number,
): Promise<void> {
  const log = recorder.floorOf(conversationId);
  const head = recorder.headFloorOf(conversationId);
  const isNotShort = (what: string, seq: number, floor: number): void => {
    if (seq < floor)
      recorder.notice({
        rule: 'visible',
        what: `${what} of ${conversationId} shows ${seq} after ${floor} was acknowledged`,
      });
  };
  try {
    if (how < 0.35) {
      const list = (await rest('GET', '/api/conversations?limit=100')).body as Conversation[];
      for (const { _id } of list) recorder.belongs(userId, _id);
      const row = list.find(({ _id }) => _id === conversationId);
      // Somebody who was taken out of a group meanwhile has it no more.
      if (row || !isGroup) isNotShort('the list', row?.headSeq ?? 0, head);
      for (const { lastMessage } of list) if (lastMessage) recorder.messageCame(userId, lastMessage);
    } else if (how < 0.65) {
      const history = (await rest('GET', `/api/messages/${conversationId}?limit=20`)).body as Message[];
      for (const message of history) recorder.messageCame(userId, message);
      isNotShort('the history', history.at(-1)?.seq ?? 0, log);
    } else if (log > 0) {
      const one = (await rest('GET', `/api/conversations/${conversationId}`)).body as Conversation;
      isNotShort('the conversation', one.headSeq, head);
    }
    recorder.count('audits');
  } catch {
    // Away, or not answering: there was nothing to look at.
  }
}
