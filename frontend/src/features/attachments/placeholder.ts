import { thumbHashToDataURL } from 'thumbhash';

const made = new Map<string, string>();
const mostMade = 500;

/** A blurred picture of some 30 bytes, as an address. */
export const placeholderUrl = (placeholder: string): string | null => {
  const known = made.get(placeholder);
  if (known !== undefined) return known;
  try {
    const url = thumbHashToDataURL(Uint8Array.from(atob(placeholder), (byte) => byte.charCodeAt(0)));
    if (made.size >= mostMade) made.clear();
    made.set(placeholder, url);
    return url;
  } catch {
    // Only a decoration.
    return null;
  }
};
