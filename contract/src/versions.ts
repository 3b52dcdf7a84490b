import * as z from 'zod/mini';

/** What a client says in `auth.protocol` to get the whole of Sori instead of the tutorial's few events. */
export const protocolVersion = 1;

/**
 * Which program this is. `build` rises by one with each release in which the page and the server change together;
 * `oldestBuild` follows where the server can no longer serve the pages of older ones.
 */
export const versions = { protocol: protocolVersion, build: 1, oldestBuild: 1 } as const;

export const Versions = z.object({ protocol: z.int(), build: z.int(), oldestBuild: z.int() });
export type Versions = z.infer<typeof Versions>;
