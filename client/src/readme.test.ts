import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createDeviceConnection, type DeviceConnection, type Sori, startSori } from '@sori/testkit';
import { createClient, type Client } from './client.js';
import { signUp } from './log-in.js';

const readme = new URL('../README.md', import.meta.url);
const program = /```js\n([\s\S]*?)```/.exec(readFileSync(readme, 'utf8'))?.[1] ?? '';
const password = 'only for the tests';

let sori: Sori;
let connection: DeviceConnection;
let chat: ChildProcess | undefined;
let alice: Client | undefined;

const join = (username: string) =>
  signUp(sori.url, { fullName: username, username, password, confirmPassword: password });

/** Collects what comes, and resolves once something has come. */
const collector = () => {
  const came: string[] = [];
  let look = (): void => undefined;
  return {
    came,
    add: (text: string) => {
      came.push(text);
      look();
    },
    until: (text: string): Promise<void> =>
      new Promise((resolve) => {
        look = () => {
          if (came.some((one) => one.endsWith(text))) resolve();
        };
        look();
      }),
  };
};

beforeAll(async () => {
  sori = await startSori();
  connection = await createDeviceConnection(() => sori.port);
});
afterAll(async () => {
  chat?.kill('SIGKILL');
  alice?.close();
  connection.close();
  await sori.stop();
});

describe('the program in the README', () => {
  it('is short', () => {
    expect(program.trim().split('\n').filter(Boolean).length).toBeLessThanOrEqual(15);
  });

  it('misses nothing and doubles nothing while its connection breaks, and sends what was typed meanwhile once', async () => {
    const [{ cookie }, { me: bob }] = [await join('alice'), await join('bob')];
    alice = createClient({ address: sori.url, cookie });
    const { conversationId } = await alice.send(bob._id, 'before');
    const received = collector();
    alice.follow(conversationId, {
      from: 'beginning',
      entry: (entry) => received.add(entry.kind === 'message' ? entry.message : entry.kind),
    });

    chat = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: dirname(readme.pathname),
      env: {
        PATH: process.env['PATH'],
        SORI: connection.address,
        NAME: 'bob',
        PASSWORD: password,
        CONVERSATION: conversationId,
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = once(chat, 'exit');
    const printed = collector();
    let rest = '';
    chat.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const one of lines) printed.add(one);
    });
    const types = (text: string) => chat?.stdin?.write(`${text}\n`);
    await printed.until('before');

    // Its answer is lost: whether it was stored, nobody can know there.
    connection.stopReading();
    types('with a lost answer');
    await received.until('with a lost answer');
    connection.unplug(true);
    types('typed while away');
    types('and more of it');
    await alice.send(conversationId, 'missed');
    await alice.send(conversationId, 'missed, too');
    connection.readAgain();
    connection.unplug(false);
    await received.until('and more of it');
    await printed.until('and more of it');

    await alice.send(conversationId, 'after');
    await printed.until('after');
    chat.stdin?.end();
    expect(await ended).toEqual([0, null]);

    expect(received.came).toEqual([
      'before',
      'with a lost answer',
      'missed',
      'missed, too',
      'typed while away',
      'and more of it',
      'after',
    ]);
    expect(printed.came).toEqual([
      '1 They: before',
      '2 I: with a lost answer',
      '3 They: missed',
      '4 They: missed, too',
      '5 I: typed while away',
      '6 I: and more of it',
      '7 They: after',
    ]);
  });
});
