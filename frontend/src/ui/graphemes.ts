import { graphemeStart } from '../device/segments';

/** Piled up marks make one character without end: such a one is cut. */
const longest = 64;

const isLowSurrogate = (text: string, index: number): boolean => /[\uDC00-\uDFFF]/.test(text.charAt(index));

/** Where to cut a text at `most` UTF-16 units, or a little before: not inside what people see as one character. */
export const graphemeCut = (text: string, most: number): number => {
  if (text.length <= most) return text.length;
  // Whether one begins there depends on what stands before alone, and on the one after.
  const at = graphemeStart(text.slice(0, most + 2), most);
  if (most - at <= longest) return at;
  return isLowSurrogate(text, most) ? most - 1 : most;
};

/** The beginning of a text for a line that ends somewhere anyway. */
export const glance = (text: string): string => text.slice(0, graphemeCut(text, 300));
