import type { Answers } from '../../realtime/answers.js';
import type { Messages } from './message.service.js';

export const messageAnswers = (messages: Messages) =>
  ({
    async 'message:send'(asking, input) {
      const { message, repeat } = await messages.send(asking, input);
      return repeat ? { message, repeat } : { message };
    },
  }) satisfies Partial<Answers>;
