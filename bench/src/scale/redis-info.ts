import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RedisInfo {
  /** Processor time since it started, in microseconds. */
  cpuUs: number;
  /** Bytes that came to it and that went from it since it started, its own protocol included. */
  bytesIn: number;
  bytesOut: number;
}

/** Asks Redis about itself over a connection of its own, which is open for as long as this one is used. */
export interface RedisWatch {
  info: () => Promise<RedisInfo>;
  /** All that servers listen to. */
  channels: () => Promise<string[]>;
  /** Publishes it so many times, and waits until Redis has taken all. */
  publish: (channel: string, messages: readonly Buffer[]) => Promise<void>;
  close: () => void;
}

const bulk = (part: string | Buffer): Buffer => {
  const bytes = Buffer.from(part);
  return Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]);
};
const command = (...parts: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat([Buffer.from(`*${parts.length}\r\n`), ...parts.map(bulk)]);

/** Reads until what was answered so far is whole. */
async function answer(socket: Socket, isWhole: (text: string) => boolean): Promise<string> {
  let text = '';
  while (!isWhole(text)) text += ((await once(socket, 'data')) as [Buffer])[0].toString();
  return text;
}

/** A bulk string of the length that it says. */
const isWholeBulk = (text: string): boolean => {
  const [, length = '', rest] = /^\$(\d+)\r\n([\s\S]*)$/.exec(text) ?? [];
  return rest !== undefined && Buffer.byteLength(rest) >= Number(length) + 2;
};
const lines = (text: string): number => text.split('\r\n').length - 1;

export async function watchRedis(url: string): Promise<RedisWatch> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return {
    async info() {
      socket.write(command('INFO', 'everything'));
      const text = await answer(socket, isWholeBulk);
      const of = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(text)?.[1]);
      return {
        cpuUs: (of('used_cpu_user') + of('used_cpu_sys')) * 1e6,
        bytesIn: of('total_net_input_bytes'),
        bytesOut: of('total_net_output_bytes'),
      };
    },
    async channels() {
      socket.write(command('PUBSUB', 'CHANNELS', '*'));
      // *N, then for each its length and itself.
      const text = await answer(socket, (all) => {
        const [, count] = /^\*(\d+)\r\n/.exec(all) ?? [];
        return count !== undefined && lines(all) >= Number(count) * 2 + 1;
      });
      return text.split('\r\n').filter((line, index) => index % 2 === 0 && index > 0 && line !== '');
    },
    async publish(channel, messages) {
      socket.write(Buffer.concat(messages.map((message) => command('PUBLISH', channel, message))));
      await answer(socket, (text) => lines(text) >= messages.length);
    },
    close: () => socket.destroy(),
  };
}
