import type { Answers } from '../../realtime/answers.js';
import type { Presence } from './presence.service.js';

export const presenceAnswers = (presence: Pick<Presence, 'watch'>) =>
  ({
    'presence:watch': ({ socketId }, { userIds }) =>
      Promise.resolve({ online: presence.watch(socketId, userIds) }),
  }) satisfies Partial<Answers>;
