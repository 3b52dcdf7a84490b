import type { Page } from '@playwright/test';
import type { Person, Sori } from '../sori.js';

export const conversations = 20;

interface Sent {
  _id: string;
  conversationId: string;
}

export const call = async (
  sori: Sori,
  { token }: Person,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> => {
  const answer = await fetch(`http://127.0.0.1:${sori.port}/api${path}`, {
    method,
    headers: { Cookie: `jwt=${token}`, 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
};

export const say = async (sori: Sori, from: Person, to: Person, message: string): Promise<Sent> =>
  (await call(sori, from, 'POST', `/messages/send/${to._id}`, { message })) as Sent;

/** All that these say to one person, a few at a time. */
export async function eachSays(
  sori: Sori,
  people: readonly Person[],
  to: Person,
  count: number,
  word: string,
): Promise<Sent[][]> {
  return Promise.all(
    people.map(async (from) => {
      const sent: Sent[] = [];
      for (let index = 1; index <= count; index += 1)
        sent.push(await say(sori, from, to, `${word} ${index}`));
      return sent;
    }),
  );
}

/** How many the page keeps on the device: messages to be read, or to be sent. */
export const kept = (page: Page, me: Person, what: 'messages' | 'outbox'): Promise<number> =>
  page.evaluate(
    ([account, name]) =>
      new Promise<number>((resolve) => {
        const opening = indexedDB.open(`sori-${account}`);
        opening.onsuccess = () => {
          const count = opening.result.transaction(name).objectStore(name).count();
          count.onsuccess = () => {
            opening.result.close();
            resolve(count.result);
          };
        };
      }),
    [me._id, what] as const,
  );

export const moment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 250));
