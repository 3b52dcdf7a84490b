import * as z from 'zod/mini';
import { Id } from './primitives.js';

/** `block`, emitted to a person's own devices: whom they block from now on, or no longer. Nobody else receives it. */
export const BlockChange = z.object({ userId: Id, blocked: z.boolean() });
export type BlockChange = z.infer<typeof BlockChange>;
