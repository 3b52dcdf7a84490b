import type { Id } from '@sori/contract';
import jwt from 'jsonwebtoken';
import { LRUCache } from 'lru-cache';
import * as z from 'zod/mini';
import type { Caller } from '../../core/caller.js';

/** What a token says, once its signature is known to be ours. Whether the session still lives is another question. */
export interface Claims extends Caller {
  expiresAtMs: number;
}

export interface Tokens {
  sign(claims: Claims): string;
  /** Null for anything that this server did not sign, or signed for a time that is over. */
  read(token: string): Claims | null;
}

// One algorithm, named on both ways: a token must not choose how it is checked.
const algorithm = 'HS256';
/** Ours have about 230 characters. */
const longest = 1_000;
const remembered = 20_000;

const hexId = z.string().check(z.regex(/^[0-9a-f]{24}$/));
const Payload = z.object({ sub: hexId, sid: hexId, exp: z.number() });

export function createTokens(secret: string, now: () => number = Date.now): Tokens {
  // A signature that was right stays right, and checking it costs more than all else that authenticating does.
  const known = new LRUCache<string, Claims>({ max: remembered });

  function verify(token: string): Claims | null {
    let payload: unknown;
    try {
      payload = jwt.verify(token, secret, {
        algorithms: [algorithm],
        clockTimestamp: Math.floor(now() / 1_000),
      });
    } catch {
      // Whatever a mangled token makes the parser throw, the answer is the same: it is not one of ours.
      return null;
    }
    const { success, data } = Payload.safeParse(payload);
    return success ? { userId: data.sub, sessionId: data.sid, expiresAtMs: data.exp * 1_000 } : null;
  }

  return {
    sign: ({ userId, sessionId, expiresAtMs }: { userId: Id; sessionId: Id; expiresAtMs: number }) =>
      jwt.sign({ sid: sessionId, exp: Math.floor(expiresAtMs / 1_000) }, secret, {
        algorithm,
        subject: userId,
      }),

    read(token) {
      if (token.length > longest) return null;
      const claims = known.get(token) ?? verify(token);
      if (claims === null || claims.expiresAtMs <= now()) return null;
      known.set(token, claims);
      return claims;
    },
  };
}
