import type { Answers } from '../../realtime/answers.js';
import type { Typings } from './typing.service.js';

export const typingAnswers = (typings: Typings) =>
  ({
    async 'typing:set'(asking, input) {
      await typings.set(asking, input);
      return {};
    },
  }) satisfies Partial<Answers>;
