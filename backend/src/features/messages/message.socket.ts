import type { Answers } from '../../realtime/answers.js';
import type { Messages } from './message.service.js';

export const messageAnswers = (messages: Messages, sent: () => void) =>
  ({
    async 'message:send'(asking, input) {
      const { message, repeat } = await messages.send(asking, input);
      if (repeat) return { message, repeat };
      sent();
      return { message };
    },
    'message:edit': async (asking, input) => ({ message: await messages.edit(asking, input) }),
    'message:delete': async (asking, input) => ({ message: await messages.remove(asking, input) }),
    'message:react': async (asking, { emojis, ...input }) => ({
      message: await messages.react(asking, { ...input, set: emojis }),
    }),
    'message:pin': async (asking, input) => ({ message: await messages.pin(asking, input) }),
  }) satisfies Partial<Answers>;
