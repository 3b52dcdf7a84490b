import type { Id } from '@sori/contract';
import type { Slice, TypingSlice } from '../../store/state';

type WhoTypes = TypingSlice['typing'];

export const typingStart: Pick<TypingSlice, 'typing'> = { typing: {} };

const withTyping = (typing: WhoTypes, conversationId: Id, userIds: readonly Id[]): WhoTypes => {
  if (userIds.length > 0) return { ...typing, [conversationId]: userIds };
  const { [conversationId]: _nobody, ...others } = typing;
  return others;
};

/** Those who have just said something there are no longer about to say it. */
export const whoWentOnTyping = (
  typing: WhoTypes,
  conversationId: Id,
  received: readonly { senderId: Id }[],
): WhoTypes => {
  const before = typing[conversationId];
  if (before === undefined) return typing;
  const left = before.filter((userId) => received.every(({ senderId }) => senderId !== userId));
  return left.length === before.length ? typing : withTyping(typing, conversationId, left);
};

export const typingSlice: Slice<TypingSlice> = (set) => ({
  ...typingStart,
  typingReceived: ({ conversationId, userId, typing: isTyping }) =>
    set(({ typing }) => {
      const before = typing[conversationId] ?? [];
      if (before.includes(userId) === isTyping) return {};
      return {
        typing: withTyping(
          typing,
          conversationId,
          isTyping ? [...before, userId] : before.filter((id) => id !== userId),
        ),
      };
    }),
  typingForgotten: () => set(typingStart),
});
