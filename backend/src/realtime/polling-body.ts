import { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '../core/errors.js';
import { type Connection, cut } from './connection.js';
import { refuse } from './refuse.js';

/** Far more than a page says in one go when it comes back. */
const mostPackets = 100;
const separator = '\x1e';

function holdsTooMany(body: string): boolean {
  let at = -1;
  for (let packets = 0; packets < mostPackets; packets += 1) {
    at = body.indexOf(separator, at + 1);
    if (at < 0) return false;
  }
  return true;
}

interface Parser {
  decodePayload: (body: unknown, ...more: unknown[]) => unknown[];
}
interface Parsing {
  parser: Parser;
}
const isParsing = (transport: object): transport is Parsing =>
  'parser' in transport &&
  typeof transport.parser === 'object' &&
  transport.parser !== null &&
  'decodePayload' in transport.parser &&
  typeof transport.parser.decodePayload === 'function';

function answer(transport: object): void {
  const response = 'dataRes' in transport ? transport.dataRes : undefined;
  if (!(response instanceof ServerResponse && response.req instanceof IncomingMessage)) return;
  refuse(response.req, response, new AppError('INVALID', `At most ${mostPackets} packets at a time`));
  // Engine.IO says "ok" once it is through with a body, whatever came of it.
  Object.assign(response, { writeHead: () => response, end: () => response });
}

/**
 * Cuts a connection whose request brings more packets than a client of ours would send, before Engine.IO makes an object of
 * each: a body of a megabyte has room for hundreds of thousands.
 */
export function boundBodies(connection: Connection, report: (bug: unknown) => void): void {
  const { transport } = connection;
  // Nobody goes back from a WebSocket to polling.
  if (transport.name !== 'polling') return;
  const polling: object = transport;
  if (!isParsing(polling)) {
    report(new Error('Engine.IO has another way of taking a body apart: it cannot be bounded'));
    cut(connection);
    return;
  }
  const { parser } = polling;
  polling.parser = {
    ...parser,
    decodePayload(body, ...more) {
      if (typeof body === 'string' && !holdsTooMany(body)) return parser.decodePayload(body, ...more);
      answer(polling);
      cut(connection);
      return [];
    },
  };
}
