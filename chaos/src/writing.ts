import type { HeldMessage } from './evidence.js';
import type { Follow } from './follow.js';
import type { DeviceOutbox } from './outbox.js';
import type { Place } from './person.js';

const emojis = ['👍', '❤️', '😂', '🎉', '👀', '🇰🇷'] as const;
const words = ['안녕하세요', 'hello', 'ㅋㅋㅋ', 'see you', '내일 봐요', '🎈', 'a\nb', '<b>&amp;'] as const;

/** How often a message has a file, and how long that may be: several pieces of a store, and no more than a moment. */
const withFile = 0.12;
const mostFileBytes = 300_000;

/** What is drawn for each thing that is done, from 0 to below 1. */
export interface Draws {
  which: number;
  how: number;
  more: number;
}

export interface WritingDeps {
  device: string;
  userId: string;
  follow: Pick<Follow, 'cursorOf' | 'messagesOf'>;
  outbox: Pick<DeviceOutbox, 'write'>;
}

export type Writing = ReturnType<typeof createWriting>;

/** What a device writes to conversations: messages, and changes of what it sees there. */
export function createWriting({ device, userId, follow, outbox }: WritingDeps) {
  let chain = 0;
  /** Makes every text another one: an edit that changes nothing would make no entry. */
  const nextInChain = (): number => {
    chain += 1;
    return chain;
  };
  const textOf = (more: number, index: number): string =>
    `${words[Math.floor(more * words.length)] ?? ''} ${device} ${nextInChain()}.${index}`;

  /** One of the newest messages that are there, for somebody who may change only their own. */
  function targetOf(conversationId: string, own: boolean, which: number): HeldMessage | undefined {
    const alive = follow
      .messagesOf(conversationId)
      .filter((message) => !message.deleted && (!own || message.senderId === userId))
      .slice(-25);
    return alive[Math.floor(which * alive.length)];
  }

  function say({ conversationId, otherId }: Place, count: number, { which, how, more }: Draws): void {
    for (let index = 0; index < count; index += 1)
      outbox.write({
        conversationId,
        // As the page does: to the person while nothing was heard of a conversation.
        to: how < 0.5 && follow.cursorOf(conversationId) > 0 ? conversationId : otherId,
        kind: 'message',
        text: textOf(more, index),
        // One alone, now and then: what is uploaded takes its time.
        ...(count === 1 && which < withFile && { fileBytes: Math.ceil(more * mostFileBytes) }),
      });
  }

  function change(kind: 'edit' | 'delete' | 'react' | 'pin', { conversationId }: Place, draws: Draws): void {
    const { which, how, more } = draws;
    const target = targetOf(conversationId, kind === 'edit' || kind === 'delete', which);
    if (!target) return;
    const found = {
      conversationId,
      to: conversationId,
      targetId: target._id,
      targetSeq: target.seq,
    };
    switch (kind) {
      case 'edit':
        outbox.write({ ...found, kind, text: `edited: ${textOf(more, 0)}` });
        return;
      case 'delete':
        outbox.write({ ...found, kind });
        return;
      case 'react':
        outbox.write({ ...found, kind, ...reactionOf(how, more) });
        return;
      case 'pin':
        outbox.write({ ...found, kind, pinned: how < 0.7 });
    }
  }

  return {
    say,
    change,
    /** One more message, which shows each follower at once where it stands. @returns its text, which is no other's */
    lastWord({ conversationId, otherId }: Place, bySocket = false): string {
      const text = `last word ${device} ${nextInChain()}`;
      outbox.write({ conversationId, to: otherId, kind: 'message', text, bySocket });
      return text;
    },
  };
}

/** One emoji on or off, or the whole set of them anew. */
function reactionOf(how: number, more: number) {
  const start = Math.floor(more * emojis.length);
  if (how < 0.3) return { single: { emoji: emojis[start] ?? '👍', on: how < 0.2 } };
  // None of them takes one's reactions away.
  const size = Math.floor((how - 0.3) * 5);
  return { emojis: emojis.slice(start, start + size) };
}
