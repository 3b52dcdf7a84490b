import type { Answers } from '../../realtime/answers.js';
import type { Conversations } from './conversation.service.js';

export const conversationAnswers = (conversations: Conversations) =>
  ({
    'entries:after': (asking, input) => conversations.entriesAfter(asking, { ...input, tooLong: true }),
    'read:set': conversations.setRead,
    'delivered:set': conversations.setDelivered,
  }) satisfies Partial<Answers>;
