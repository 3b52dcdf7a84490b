import { ClientId } from '@sori/contract';
import type { Request } from 'express';

/** What a repeat is known by: the body says it, or else the header that others use for it. */
export function clientIdOf(
  req: Pick<Request, 'get'>,
  body: { clientId?: string | undefined },
): string | undefined {
  const header = req.get('idempotency-key');
  return body.clientId ?? (header === undefined ? undefined : ClientId.parse(header));
}
