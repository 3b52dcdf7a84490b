import { once } from 'node:events';
import { WebSocket } from 'ws';

const separator = '\x1e';

/** A connection over long polling that says whatever it is told to, packet by packet. */
export async function rawPolling(url: string) {
  const engine = `${url}/socket.io/?EIO=4&transport=polling`;
  const opened = await (await fetch(engine)).text();
  const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
  const received: string[] = [];
  const poll = async (): Promise<void> => {
    const answer = await fetch(`${engine}&sid=${sid}`);
    if (!answer.ok) throw new Error(await answer.text());
    received.push(...(await answer.text()).split(separator));
  };
  const say = (...packets: readonly (string | readonly string[])[]): Promise<Response> =>
    fetch(`${engine}&sid=${sid}`, { method: 'POST', body: packets.flat().join(separator) });
  return {
    sid,
    say,
    /** The next packets that begin like this, as many as are asked for. */
    async next(beginning: string, count = 1): Promise<string[]> {
      for (;;) {
        const found = received.filter((packet) => packet.startsWith(beginning));
        if (found.length >= count)
          return found.map((packet) => received.splice(received.indexOf(packet), 1)[0] ?? '');
        await poll();
      }
    },
    isOpen: async (): Promise<boolean> => (await say('3')).ok,
  };
}

export type RawWebSocket = Awaited<ReturnType<typeof rawWebSocket>>;

/** The same over a WebSocket. */
export async function rawWebSocket(url: string) {
  const webSocket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  const received: string[] = [];
  let wake = (): void => undefined;
  webSocket.on('message', (data: Buffer) => {
    received.push(data.toString());
    wake();
  });
  webSocket.on('error', () => undefined);
  const closed = once(webSocket, 'close');
  const next = async (beginning: string): Promise<string> => {
    for (;;) {
      const index = received.findIndex((packet) => packet.startsWith(beginning));
      if (index >= 0) return received.splice(index, 1)[0] ?? '';
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  await next('0');
  return {
    webSocket,
    say: (packet: string | Buffer): void => webSocket.send(packet),
    next,
    all: (beginning: string): string[] => received.filter((packet) => packet.startsWith(beginning)),
    gone: async (): Promise<void> => {
      await closed;
    },
  };
}

/** Text frames as a client sends them (masked with zeros), in one piece of at most 125 bytes each. */
export const frames = (texts: readonly string[]): Buffer =>
  Buffer.concat(
    texts.map((text) =>
      Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]),
    ),
  );
