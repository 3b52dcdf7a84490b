import * as z from 'zod/mini';

export const Language = z.enum(['ko', 'en']);
export type Language = z.infer<typeof Language>;

/** What a person has chosen for all devices. */
export const Settings = z.object({
  /** Whether others are shown what I have read, and I what they have: both or neither. */
  receipts: z.boolean(),
  /** Whether others are shown that I am writing. */
  typing: z.boolean(),
  /** Null: as the browser says. */
  language: z.catch(z.nullable(Language), null),
});
export type Settings = z.infer<typeof Settings>;

/** The body of `PATCH /api/me/settings`: what is to change. */
export const SettingsChange = z.object({
  receipts: z.optional(z.boolean({ error: 'receipts must be true or false' })),
  typing: z.optional(z.boolean({ error: 'typing must be true or false' })),
  language: z.optional(z.nullable(Language)),
});
export type SettingsChange = z.infer<typeof SettingsChange>;
