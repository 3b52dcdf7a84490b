import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Where files go up to and come down from. */
export interface Place {
  name: string;
  port: number;
  headers: Readonly<Record<string, string>>;
  uploadPath: string;
  /** @param answer of the upload, as JSON */
  downloadPath: (answer: { fileId?: string }) => string;
}

const mebibyte = 1024 * 1024;
const piece = randomBytes(256 * 1024);

/** Random bytes, no faster than this. */
async function* bytesOf(megabytes: number, perSecond = Infinity): AsyncGenerator<Buffer> {
  const pieces = (megabytes * mebibyte) / piece.length;
  const began = performance.now();
  for (let sent = 0; sent < pieces; sent += 1) {
    const early = (sent * piece.length * 1_000) / (perSecond * mebibyte) - (performance.now() - began);
    if (early > 1) await delay(early);
    yield piece;
  }
}

/** Sends bytes as a file. @returns what is answered */
export function upload(
  { port, headers, uploadPath }: Place,
  { megabytes, perSecond }: { megabytes: number; perSecond?: number },
): Promise<{ fileId?: string }> {
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: uploadPath,
        headers: {
          ...headers,
          'content-type': 'application/octet-stream',
          'content-length': megabytes * mebibyte,
        },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => (text += part));
        answer.once('error', reject);
        answer.once('end', () => {
          if (answer.statusCode === 201) resolve(JSON.parse(text) as { fileId?: string });
          else reject(new Error(`An upload was answered ${answer.statusCode ?? 0}: ${text.slice(0, 200)}`));
        });
      },
    );
    asking.once('error', reject);
    void (async () => {
      for await (const part of bytesOf(megabytes, perSecond))
        if (!asking.write(part)) await new Promise((resume) => asking.once('drain', resume));
      asking.end();
    })().catch(reject);
  });
}

/** @returns how many bytes came */
export function download({ port, headers }: Place, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asking = request({ port, host: '127.0.0.1', path, headers }, (answer) => {
      let bytes = 0;
      answer.on('data', (part: Buffer) => (bytes += part.length));
      answer.once('error', reject);
      answer.once('end', () => {
        if (answer.statusCode === 200) resolve(bytes);
        else reject(new Error(`A download was answered ${answer.statusCode ?? 0}`));
      });
    });
    asking.once('error', reject);
    asking.end();
  });
}

export interface Rates {
  up: number[];
  down: number[];
}

/** One file up and down again, into the rates in MB a second. */
export async function transfer(place: Place, megabytes: number, into: Rates): Promise<void> {
  const perSecond = async (work: () => Promise<unknown>): Promise<number> => {
    const began = performance.now();
    await work();
    return (megabytes * 1_000) / (performance.now() - began);
  };
  let answer: { fileId?: string } = {};
  into.up.push(await perSecond(async () => (answer = await upload(place, { megabytes }))));
  into.down.push(
    await perSecond(async () => {
      const bytes = await download(place, place.downloadPath(answer));
      if (bytes !== megabytes * mebibyte) throw new Error(`${bytes} bytes came of ${megabytes} MiB`);
    }),
  );
}
