import { createDeviceConnection, type DeviceConnection, startRedis } from '@sori/testkit';
import { sleep } from './time.js';

export type RedisUnderTest = Awaited<ReturnType<typeof startRedisUnderTest>>;

/** The real Redis, which can be killed, stopped, emptied, and cut off from each of so many servers. All times in milliseconds. */
export async function startRedisUnderTest(servers: number) {
  const redis = await startRedis();
  const port = Number(new URL(redis.url).port);
  const lines: DeviceConnection[] = [];
  for (let index = 0; index < servers; index += 1) lines.push(await createDeviceConnection(() => port));

  return {
    /** Where the server of this index finds it. */
    urlFor: (index: number): string => lines[index]?.address.replace('http:', 'redis:') ?? '',
    /** With -9, and started again after so long, empty. */
    async kill(ms: number): Promise<void> {
      await redis.stop();
      await sleep(ms);
      await redis.start();
    },
    async pause(ms: number): Promise<void> {
      redis.pause();
      await sleep(ms);
      redis.resume();
    },
    flush: (): Promise<void> => redis.flush(),
    /** One server reaches it no more: it is refused, or where `silent`, hears nothing more of it. */
    async cutOff(index: number, ms: number, silent: boolean): Promise<void> {
      const line = lines[index];
      if (silent) line?.hold();
      else line?.unplug(true);
      await sleep(ms);
      if (silent) line?.release(true);
      else line?.unplug(false);
    },
    async end(): Promise<void> {
      for (const line of lines) line.close();
      await redis.stop();
    },
  };
}
