import { type IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import { httpStatus } from '@sori/contract';
import { type AppError, toWireError } from '../core/errors.js';
import { requestIdHeader } from '../http/request-id.js';
import { answerHeaders } from './server.js';

/** Answers a request that Engine.IO is not to see, be it for a WebSocket or not, and ends its connection. */
export function refuse(request: IncomingMessage, response: unknown, error: AppError): void {
  const body = JSON.stringify(toWireError(error));
  const status = httpStatus[error.code];
  const headers: Record<string, string> = {
    ...answerHeaders,
    ...requestIdHeader(request),
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store',
    Connection: 'close',
    ...(error.retryAfterMs === undefined
      ? {}
      : { 'Retry-After': String(Math.ceil(error.retryAfterMs / 1_000)) }),
  };
  if (response instanceof ServerResponse) {
    response.writeHead(status, headers).end(body);
    return;
  }
  // An upgrade has no ServerResponse, and Engine.IO's own refusal of one is always a 400 in plain text.
  const { socket } = request;
  // The peer may be gone already: then there is nobody left to answer.
  socket.on('error', () => socket.destroy());
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...head, '', body].join('\r\n'));
  // Half-closing leaves the other half to the peer, who may keep it for ever.
  socket.destroySoon();
}
