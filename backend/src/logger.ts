import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

/** Fields that hold a secret wherever they turn up: of a request, of a body, of an error's details. */
const SECRETS = [
  'password',
  'confirmPassword',
  'currentPassword',
  'newPassword',
  'token',
  'jwt',
  'adminCode',
  'jwtSecret',
  'metricsToken',
];
const HEADERS = ['authorization', 'cookie', 'set-cookie'].map((name) => `["${name}"]`);

/** The server's log: one JSON object a line, to standard output or `to`, each with the server's name where it has one. Secrets and what people write are not logged. */
export function createLogger(level: string, to?: DestinationStream, server?: string): Logger {
  const options = {
    level,
    base: { pid: process.pid, ...(server !== undefined && { server }) },
    // Not the error whole: MongoDB's carry the documents that could not be written.
    serializers: {
      err: (error: Error) => ({ type: error.name, message: error.message, stack: error.stack }),
    },
    redact: {
      paths: [
        ...[...SECRETS, 'message'].flatMap((name) => [`body.${name}`, `req.body.${name}`]),
        ...SECRETS.flatMap((name) => [name, `*.${name}`]),
        ...HEADERS.flatMap((name) => [`headers${name}`, `req.headers${name}`, `res.headers${name}`]),
      ],
      censor: '[hidden]',
    },
  };
  return to ? pino(options, to) : pino(options);
}
