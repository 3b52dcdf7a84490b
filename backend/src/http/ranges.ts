import type { IncomingHttpHeaders } from 'node:http';

/** Some bytes of what is served: from `start` up to `end`. */
export interface ByteRange {
  start: number;
  end: number;
}

/** What a `Range` asks for: all (there is none, or none that we serve), a part, or nothing that is there. */
export type Asked = 'all' | 'none' | ByteRange;

/**
 * RFC 9110, 14: one range of bytes. Of several, and of what cannot be read, all is served, as the standard lets a server do.
 * @param size of what is served, in bytes
 */
export function rangeIn(
  { range, 'if-range': ifRange }: IncomingHttpHeaders,
  size: number,
  etag: string,
): Asked {
  const [, first, last] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(range ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return 'all';
  // A date, or what there was before: whoever has a part of something else needs all of this.
  if (ifRange !== undefined && ifRange !== etag) return 'all';
  if (first === '') {
    const start = Math.max(0, size - Number(last));
    return start < size ? { start, end: size } : 'none';
  }
  const [start, end] = [Number(first), last === '' ? size : Math.min(size, Number(last) + 1)];
  if (last !== '' && Number(last) < start) return 'all';
  return start < size ? { start, end } : 'none';
}

/** Whether the asker has this already (`If-None-Match`): compared without regard to how strong a tag is. */
export const isKnown = ({ 'if-none-match': known }: IncomingHttpHeaders, etag: string): boolean =>
  known !== undefined &&
  known.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
