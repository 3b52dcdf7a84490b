import { createHttp, type Http } from '@sori/client';
import { serverTime } from '../device/serverTime';
import { adminCalls } from './admin';
import { conversationCalls } from './conversations';
import { groupCalls } from './groups';
import { peopleCalls } from './people';
import { roomCalls } from './rooms';
import { sessionCalls } from './session';

export type Api = ReturnType<typeof createApi>;

/** The REST calls that the page makes. Every one throws an `ApiError` and nothing else. */
export const createApi = (
  http: Http = createHttp(serverTime.listening((...given) => globalThis.fetch(...given))),
) => ({
  ...sessionCalls(http),
  ...peopleCalls(http),
  ...conversationCalls(http),
  ...groupCalls(http),
  ...roomCalls(http),
  ...adminCalls(http),
});
