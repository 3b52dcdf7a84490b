import { randomUUID } from 'node:crypto';
import type { Message, UploadedFile, WireError } from '@sori/contract';
import type { Someone, TestServer } from './server.js';

type Headers = Record<string, string>;
type Asker = Pick<Someone, 'cookie'>;
type Server = Pick<TestServer, 'url'>;

export interface RawAnswer {
  status: number;
  headers: globalThis.Headers;
  bytes: Buffer;
}

/** Asks as a browser would, and takes the answer as it is. */
export async function raw({ url }: Server, path: string, init: RequestInit = {}): Promise<RawAnswer> {
  const response = await fetch(`${url}${path}`, init);
  return {
    status: response.status,
    headers: response.headers,
    bytes: Buffer.from(await response.arrayBuffer()),
  };
}

export const jsonOf = ({ bytes }: RawAnswer): WireError => JSON.parse(bytes.toString()) as WireError;

export const dispositionOf = (name: string): string =>
  `attachment; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}`;

/** The file itself as the body. */
export const sendFile = (
  server: Server,
  { cookie }: Asker,
  bytes: Uint8Array | string,
  { name = 'file', type = 'application/octet-stream' } = {},
): Promise<RawAnswer> =>
  raw(server, '/api/files', {
    method: 'POST',
    headers: { cookie, 'content-type': type, 'content-disposition': dispositionOf(name) },
    body: bytes,
  });

/** The same, which has to succeed. */
export async function upload(...given: Parameters<typeof sendFile>): Promise<UploadedFile> {
  const answer = await sendFile(...given);
  if (answer.status !== 201) throw new Error(`${answer.status} ${answer.bytes.toString()}`);
  return JSON.parse(answer.bytes.toString()) as UploadedFile;
}

export const readFile = (
  server: Server,
  { cookie }: Asker,
  id: string,
  { query = '', headers = {}, method = 'GET' }: { query?: string; headers?: Headers; method?: string } = {},
): Promise<RawAnswer> => raw(server, `/api/files/${id}${query}`, { method, headers: { cookie, ...headers } });

/** Sends an upload of one's own. */
export async function attach(sender: Someone, to: string, { _id }: { _id: string }): Promise<Message> {
  const { status, body } = await sender.post(`/api/messages/send/${to}`, {
    message: 'look',
    clientId: randomUUID(),
    attachments: [{ fileId: _id }],
  });
  if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
}

/** A client that speaks tus. */
export function tusOf(server: Server, { cookie }: Asker) {
  const ask = (method: string, path: string, headers: Headers = {}, body?: Uint8Array) =>
    raw(server, path, {
      method,
      headers: { cookie, 'tus-resumable': '1.0.0', ...headers },
      ...(body && { body }),
    });
  return {
    ask,
    async create(
      size: number,
      metadata: Record<string, string> = {},
      headers: Headers = {},
    ): Promise<RawAnswer> {
      const pairs = Object.entries(metadata).map(
        ([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`,
      );
      return ask('POST', '/api/uploads', {
        'upload-length': String(size),
        ...(pairs.length > 0 && { 'upload-metadata': pairs.join(',') }),
        ...headers,
      });
    },
    /** @returns its path */
    async begin(size: number, metadata: Record<string, string> = {}): Promise<string> {
      const { status, headers, bytes } = await this.create(size, metadata);
      if (status !== 201) throw new Error(`${status} ${bytes.toString()}`);
      return headers.get('location') ?? '';
    },
    head: (path: string) => ask('HEAD', path),
    patch: (path: string, offset: number, bytes: Uint8Array) =>
      ask(
        'PATCH',
        path,
        { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) },
        bytes,
      ),
    /** Asks until it is processed. */
    async processed(path: string): Promise<RawAnswer> {
      for (;;) {
        const answer = await this.head(path);
        if (answer.headers.get('sori-file-state') !== 'processing') return answer;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}

export const idIn = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
