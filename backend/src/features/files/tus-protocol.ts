import { UploadMetadata } from '@sori/contract';
import type { Request, RequestHandler } from 'express';
import { AppError, toWireError } from '../../core/errors.js';
import { readAway } from '../../http/body.js';
import type { FileRow } from './file.model.js';

/** https://tus.io/protocols/resumable-upload: what of it is spoken here. */
const version = '1.0.0';
const extensions = 'creation,creation-with-upload,termination';
/** The type of a part of an upload. */
export const partType = 'application/offset+octet-stream';

const invalid = (message: string): AppError => new AppError('INVALID', message);

/** On every answer to tus, refusals included: which version this is; to `OPTIONS` also what can be done. */
export const tellTus =
  (mostBytes: number): RequestHandler =>
  ({ method }, response, next) => {
    response.setHeader('Tus-Resumable', version);
    if (method === 'OPTIONS') {
      response.setHeader('Tus-Version', version);
      response.setHeader('Tus-Extension', extensions);
      response.setHeader('Tus-Max-Size', mostBytes);
    }
    next();
  };

/** Answers `OPTIONS`, and refuses whoever speaks another version. */
export const requireTus: RequestHandler = (request, response, next) => {
  if (request.method === 'OPTIONS') {
    response.status(204).end();
    return;
  }
  if (request.get('tus-resumable') === version) {
    next();
    return;
  }
  response.status(412).setHeader('Tus-Version', version);
  const error = toWireError(invalid(`Tus-Resumable must be ${version}`));
  readAway(request, () => void response.json(error));
};

/** A whole number in a header; undefined where it is not there. @throws AppError INVALID */
export function numberIn(request: Request, name: string): number | undefined {
  const text = request.get(name);
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number))
    throw invalid(`${name} must be a number of bytes`);
  return number;
}

/** The same, where it has to be there. @throws AppError INVALID */
export function requireNumber(request: Request, name: string): number {
  const number = numberIn(request, name);
  if (number === undefined) throw invalid(`${name} is needed`);
  return number;
}

function decodedPair(pair: string): [key: string, value: string] {
  const [key = '', value = '', ...more] = pair.trim().split(' ');
  if (key === '' || more.length > 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value))
    throw invalid('Upload-Metadata must have keys with values in base64');
  return [key, Buffer.from(value, 'base64').toString('utf8')];
}

/** What a client says of a file. @throws AppError INVALID, ZodError */
export function metadataIn(request: Request): UploadMetadata {
  const header = request.get('upload-metadata')?.trim() ?? '';
  const pairs = header === '' ? [] : header.split(',').map(decodedPair);
  return UploadMetadata.parse(Object.fromEntries(pairs));
}

/** The same in the other direction. */
export function metadataOf({ name, declaredType, duration, peaks }: FileRow): string {
  const said = { filename: name, filetype: declaredType, duration, peaks: peaks?.join(',') };
  return Object.entries(said)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key, value]) => `${key} ${Buffer.from(String(value)).toString('base64')}`)
    .join(',');
}
