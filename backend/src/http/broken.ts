import { type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { httpStatus } from '@sori/contract';
import { requestIdHeader } from './request-id.js';
import { AppError, toWireError } from '../core/errors.js';

/** Answers in our form what is not even a request: bytes that are no HTTP, or an address and headers without end. */
export function answerBroken(server: Server): void {
  server.on('clientError', ({ code }: NodeJS.ErrnoException, socket: Socket) => {
    // A request that was never finished: nobody waits for words.
    if (!socket.writable || code === 'ECONNRESET' || code === 'ERR_HTTP_REQUEST_TIMEOUT') {
      socket.destroy();
      return;
    }
    const why =
      code === 'HPE_HEADER_OVERFLOW'
        ? 'The address or the headers of this request are too long'
        : 'The request could not be read';
    const body = JSON.stringify(toWireError(new AppError('INVALID', why)));
    const status = httpStatus.INVALID;
    socket.end(
      [
        `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
        'Content-Type: application/json; charset=utf-8',
        `Content-Length: ${Buffer.byteLength(body)}`,
        'X-Content-Type-Options: nosniff',
        "Content-Security-Policy: default-src 'none'",
        ...Object.entries(requestIdHeader()).map(([name, value]) => `${name}: ${value}`),
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
    );
    socket.destroySoon();
  });
}
