import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FileQuery } from '@sori/contract';
import type { Request, Response } from 'express';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound, toWireError } from '../../core/errors.js';
import { type Copy, MissingError } from '../../files/blob-store.js';
import type { Homes } from '../../files/homes.js';
import { type ByteRange, isKnown, rangeIn } from '../../http/ranges.js';
import { plainText } from '../../media/sniff.js';
import { contentDisposition } from './file-name.js';
import type { FileRow } from './file.model.js';

export interface ServingDeps {
  /** The file, for whoever may read it now; throws NOT_FOUND. */
  readable: (caller: Caller | null, id: string) => Promise<FileRow>;
  homes: Homes;
}

/** What of a file is served. */
interface Served {
  row: FileRow;
  copy: Copy | undefined;
  /** In bytes. */
  size: number;
  type: string;
  etag: string;
}

/** A reader who takes nothing for so long has gone, in milliseconds: a film that is paused asks again for what follows. */
const patienceMs = 120_000;

function servedOf(row: FileRow, { size: copy }: FileQuery): Served {
  const id = row.bytesId.toHexString();
  // A film has no copies, and neither has what only calls itself a picture.
  if (copy !== undefined && row.width === undefined) throw notFound();
  const small = copy && row.copies[copy];
  return small
    ? { row, copy, ...small, etag: `"${id}-${copy}"` }
    : { row, copy: undefined, size: row.size, type: row.type, etag: `"${id}"` };
}

const policyOf = (type: string): string =>
  /^(?:audio|video)\//.test(type)
    ? "sandbox; default-src 'none'; media-src 'self'"
    : "sandbox; default-src 'none'";

/** Answers with files: whole, in parts, or that nothing changed. Whether somebody may read one is looked at each time. */
export function createServing({ readable, homes }: ServingDeps) {
  async function bytesOf({ row, copy }: Served, range: ByteRange): Promise<Readable> {
    try {
      return await homes.of(row.home).read(row.bytesId.toHexString(), { ...range, ...(copy && { copy }) });
    } catch (error) {
      // Deleted since it was looked for.
      throw error instanceof MissingError ? notFound() : error;
    }
  }

  /** @param part of the file; undefined for all of it */
  async function send(request: Request, response: Response, served: Served, part?: ByteRange): Promise<void> {
    const { type, size } = served;
    const { start, end } = part ?? { start: 0, end: size };
    const bytes = request.method === 'HEAD' || start === end ? null : await bytesOf(served, { start, end });
    setHeaders(request, response, served);
    response.setHeader('Content-Type', type === plainText ? `${plainText}; charset=utf-8` : type);
    response.setHeader('Content-Length', end - start);
    if (part) response.status(206).setHeader('Content-Range', `bytes ${start}-${end - 1}/${size}`);
    if (bytes === null) {
      response.end();
      return;
    }
    request.setTimeout(patienceMs);
    try {
      await pipeline(bytes, response);
    } catch (error) {
      // Whoever asked has gone, and everything is closed by now.
      if (!isGone(error)) throw error;
    }
  }

  return async function serve(
    caller: Caller | null,
    { id, ...query }: FileQuery & { id: string },
    request: Request,
    response: Response,
  ): Promise<void> {
    const served = servedOf(await readable(caller, id), query);
    const { size, etag } = served;
    if (isKnown(request.headers, etag)) {
      setHeaders(request, response, served);
      response.status(304).end();
      return;
    }
    const asked = rangeIn(request.headers, size, etag);
    if (asked === 'none') {
      response.status(416).setHeader('Content-Range', `bytes */${size}`);
      response.json(toWireError(new AppError('INVALID', 'There is no such part of this file')));
      return;
    }
    await send(request, response, served, asked === 'all' ? undefined : asked);
  };
}

/** What goes with a file, and not with an error. */
function setHeaders({ query }: Request, response: Response, { row, type, etag }: Served): void {
  const kind = row.inline && query['download'] === undefined ? 'inline' : 'attachment';
  response.setHeader('Content-Disposition', contentDisposition(kind, row.name));
  response.setHeader('Content-Security-Policy', policyOf(type));
  response.setHeader('Cache-Control', 'private, no-cache');
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('ETag', etag);
}

const isGone = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException | null)?.code === 'ERR_STREAM_PREMATURE_CLOSE';
