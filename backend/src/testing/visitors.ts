import type { EnteredRoom, Person } from '@sori/contract';
import { io as connectTo } from 'socket.io-client';
import { type Client, listen } from './live.js';
import { type Answer, asJson, type Connect, createSomeone, type Credentials } from './someone.js';

export const password = 'correct horse';

export type Visitors = ReturnType<typeof createVisitors>;

/** People for a server that runs at `url()`, in this process or in another one. */
export function createVisitors(url: () => string) {
  const clients: Client[] = [];
  let made = 0;

  async function ask<Body>(path: string, init: RequestInit = {}): Promise<Answer<Body>> {
    const response = await fetch(`${url()}${path}`, init);
    const text = await response.text();
    // A server that answers anything but JSON here has answered wrongly, and the test fails of it.
    const body = (response.status === 204 && text === '' ? undefined : JSON.parse(text)) as Body;
    return { status: response.status, headers: response.headers, body };
  }

  function connect(how: Connect, namespace = ''): Client {
    const client = listen(
      connectTo(`${url()}${namespace}`, {
        transports: ['websocket'],
        reconnection: false,
        forceNew: true,
        ...how,
      }),
    );
    clients.push(client);
    return client;
  }

  const deps = { ask, connect, number: () => (made += 1) };

  async function signIn(path: string, form: Record<string, string>) {
    const answer = await ask<Person>(path, asJson('POST', form, {}));
    const cookie = answer.headers.getSetCookie().find((one) => one.startsWith('jwt='));
    if (answer.status >= 300 || cookie === undefined) throw new Error(JSON.stringify(answer.body));
    return createSomeone(deps, {
      _id: answer.body._id,
      name: form['username'] ?? '',
      cookie: cookie.split(';', 1)[0] ?? '',
    });
  }

  /** Signs somebody up whom nobody knows yet. */
  const person = (name: string) => {
    made += 1;
    const username = `${name}${made}`;
    return signIn('/api/auth/signup', { fullName: name, username, password, confirmPassword: password });
  };

  /** A stranger who comes into a room in a browser of their own. */
  async function guest(slug: string, nickname?: string) {
    const answer = await ask<EnteredRoom>(`/api/rooms/${slug}/enter`, asJson('POST', { nickname }, {}));
    const cookie = answer.headers.getSetCookie().find((one) => one.startsWith('guest='));
    if (answer.status !== 200 || cookie === undefined) throw new Error(JSON.stringify(answer.body));
    const { me } = answer.body;
    const credentials = { _id: me._id, name: me.name, cookie: cookie.split(';', 1)[0] ?? '' };
    return { ...createSomeone(deps, credentials), room: answer.body };
  }

  return {
    ask,
    connect,
    person,
    guest,
    /** Several at once. */
    people: <Names extends [string, ...string[]]>(...names: Names) =>
      Promise.all(names.map(person)) as Promise<{
        [Name in keyof Names]: Awaited<ReturnType<typeof person>>;
      }>,
    /** The same person in another browser. */
    elsewhere: ({ name }: { name: string }) => signIn('/api/auth/login', { username: name, password }),
    /** The same person in the same browser, at another server. */
    sameBrowser: ({ _id, name, cookie }: Credentials) => createSomeone(deps, { _id, name, cookie }),
    leave(): void {
      for (const { socket } of clients.splice(0)) socket.disconnect();
    },
  };
}
