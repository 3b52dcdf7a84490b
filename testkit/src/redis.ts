import { once } from 'node:events';
import { connect } from 'node:net';
import { freePort } from './free-port.js';
import { startTool, type Tool } from './tool.js';

export type TestRedis = Awaited<ReturnType<typeof startRedis>>;

/** The system's Redis, of this test alone, on loopback; it keeps nothing. `npm run test:tools` installs it. */
export async function startRedis() {
  const port = await freePort();
  let tool: Tool | undefined;

  async function start(): Promise<void> {
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    tool = await startTool(['redis-server', ...options], /Ready to accept connections/);
  }

  async function stop(): Promise<void> {
    const stopped = tool;
    tool = undefined;
    if (!stopped) return;
    stopped.signal('SIGKILL');
    await stopped.ended;
    await stopped.stop();
  }

  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    /** After a `stop`, on the same port and empty. */
    start,
    /** With -9. */
    stop,
    /** Forgets all that it knows; its connections stay open. @throws Error with what it answered instead */
    async flush(): Promise<void> {
      const socket = connect(port, '127.0.0.1');
      socket.write('FLUSHALL\r\n');
      const [answer] = (await once(socket, 'data')) as [Buffer];
      socket.destroy();
      if (!answer.toString().startsWith('+OK'))
        throw new Error(`Redis was not flushed: ${answer.toString()}`);
    },
    /** Hangs until `resume`: its connections stay open. */
    pause: (): void => tool?.signal('SIGSTOP'),
    resume: (): void => tool?.signal('SIGCONT'),
  };
}
