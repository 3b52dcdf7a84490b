import type { Limit } from '../limits/limit.js';
import { addressOf } from './address.js';
import type { Arrival } from './forwarded.js';

/**
 * Counts by the address what a person causes to be emitted to others, whom the service counts by themselves: many accounts
 * of one place have one budget.
 */
export const countFrom =
  (limit: Pick<Limit, 'take'>, { trustProxyHops }: { trustProxyHops: number }) =>
  (request: Arrival): Promise<void> =>
    limit.take(addressOf(request, trustProxyHops));
