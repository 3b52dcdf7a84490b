import type { Attachment } from '@sori/contract';

/** In CSS pixels: what a picture takes at most, and at least, so that a line of pixels can still be pressed. */
const widest = 320;
const highest = 360;
const narrowest = 96;

export type Place = { width: number; aspectRatio: number };

/** How a single picture is shown, before it is there. */
export const placeOf = ({ width = 4, height = 3 }: Pick<Attachment, 'width' | 'height'>): Place => {
  const scale = Math.min(1, widest / width, highest / height);
  const shown = { width: Math.max(narrowest, width * scale), height: Math.max(narrowest, height * scale) };
  return { width: Math.round(shown.width), aspectRatio: shown.width / shown.height };
};

export type Album = {
  columns: number;
  rows: number;
  /** So many columns the first one takes, so that no place stays empty. */
  firstSpans: number;
};

export const albumWidth = widest;

export const albumOf = (count: number): Album => {
  const columns = count <= 4 ? 2 : 3;
  const firstSpans = columns - ((count - 1) % columns);
  return { columns, firstSpans, rows: (count - 1 + firstSpans) / columns };
};
