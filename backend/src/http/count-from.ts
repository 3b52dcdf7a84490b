import type { RequestHandler } from 'express';
import type { Limit } from '../limits/limit.js';
import { addressOf } from './address.js';

/**
 * Counts by the address what a person makes others hear, whom the service counts by themselves: many accounts of one place
 * have one budget.
 */
export const countFrom =
  (limit: Pick<Limit, 'take'>, { trustProxyHops }: { trustProxyHops: number }): RequestHandler =>
  async (request, _response, next) => {
    await limit.take(addressOf(request, trustProxyHops));
    next();
  };
