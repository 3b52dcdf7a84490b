import { Slug } from '@sori/contract';
import { matchPath } from 'react-router';

export type RoomAddress = {
  /** In normal form, as the server writes it; as it came where it cannot be a room's at all. */
  slug: string;
  /** The address says it in another form: people type them, and some devices decompose Hangul. */
  isVariant: boolean;
};

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/** The room that an address names. @returns null where it names none */
export const roomAt = (pathname: string): RoomAddress | null => {
  const part = matchPath('/open/:slug', pathname)?.params.slug;
  if (part === undefined) return null;
  const written = decoded(part);
  const parsed = Slug.safeParse(written);
  return parsed.success
    ? { slug: parsed.data, isVariant: parsed.data !== written }
    : { slug: written, isVariant: false };
};
