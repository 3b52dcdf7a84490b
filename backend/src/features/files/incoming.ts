import type { Readable } from 'node:stream';
import busboy from 'busboy';
import type { Request } from 'express';
import { AppError } from '../../core/errors.js';
import { lengthOfBody } from '../../http/body.js';
import { nameIn } from './file-name.js';
import { tooLarge } from './receiving.js';
import type { Wanted } from './upload-rows.js';

/** A file that comes with a request. */
export interface Incoming {
  wanted: Wanted;
  stream: Readable;
  /** Resolves once the rest of the request has come, too. @throws AppError INVALID */
  ended: () => Promise<void>;
  /** Nobody takes the rest of it. */
  leave: () => void;
}

/** What a form has around its file, at most. */
const formMost = 64 * 1024;
const formLimits = { fields: 20, fieldSize: 16 * 1024, parts: 30, headerPairs: 50 };

const invalid = (message: string, cause?: unknown): AppError => new AppError('INVALID', message, { cause });
const oneFile = (): AppError => invalid('The form must have one file, in the field "file"');

/**
 * The file of a request, which is a form or the file itself.
 * @param most the largest file, in bytes
 * @throws AppError INVALID, TOO_LARGE before anything is read where the length is said
 */
export function incomingFile(request: Request, most: number): Promise<Incoming> {
  const { headers } = request;
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    throw invalid('A file must not be compressed on its way');
  const type = headers['content-type'];
  const length = lengthOfBody(request);
  const isForm = /^multipart\/form-data\b/i.test(type ?? '');
  if (length !== undefined && length > most + (isForm ? formMost : 0)) throw tooLarge();
  const size = Math.min(length ?? most, most);
  if (isForm) return fromForm(request, size);
  if (length === 0 && type === undefined) throw invalid('There is no file in this request');
  const name = nameIn(headers['content-disposition'] ?? '') ?? '';
  return Promise.resolve({
    wanted: { name, declaredType: type ?? '', size },
    stream: request,
    ended: () => Promise.resolve(),
    leave: () => undefined,
  });
}

function parserFor({ headers }: Request): busboy.Busboy {
  try {
    return busboy({ headers, defParamCharset: 'utf8', limits: formLimits });
  } catch (error) {
    throw invalid('The form cannot be read', error);
  }
}

/** @param size of all of it, in bytes, or the largest file */
function fromForm(request: Request, size: number): Promise<Incoming> {
  const form = parserFor(request);
  let files = 0;
  let failed: AppError | undefined;
  return new Promise((resolve, reject) => {
    let fail: (error: AppError) => void = () => undefined;
    const ended = new Promise<void>((allRead, broken) => {
      fail = (error) => {
        failed ??= error;
        request.unpipe(form);
        form.destroy();
        broken(failed);
        reject(failed);
      };
      form.once('close', () => {
        if (failed) return;
        if (files === 0) fail(oneFile());
        else allRead();
      });
    });
    // Who waits for it hears of it; nobody does where the file itself broke off.
    ended.catch(() => undefined);
    form.on('file', (field, stream, { filename, mimeType }) => {
      files += 1;
      stream.on('error', () => undefined);
      if (files > 1 || field !== 'file') {
        fail(oneFile());
        return;
      }
      resolve({
        wanted: { name: filename ?? '', declaredType: mimeType, size },
        stream,
        ended: () => ended,
        leave: () => fail(oneFile()),
      });
    });
    form.on('error', (error) => fail(invalid('The form cannot be read', error)));
    for (const limit of ['partsLimit', 'fieldsLimit'] as const) form.on(limit, () => fail(oneFile()));
    request.once('error', (error) => fail(invalid('The request broke off before its end', error)));
    request.once('close', () => {
      if (!request.complete) fail(invalid('The request broke off before its end'));
    });
    request.pipe(form);
  });
}
