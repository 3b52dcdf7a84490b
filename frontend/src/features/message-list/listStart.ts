import type { Start } from './useOpening';
import type { Thread } from './useThread';

/** So much stays between the divider and the upper edge, in pixels. */
export const aboveDivider = 64;

/** Where the reader was, else the first unread message, a little below the top; without anything unread, the end. */
export const startOf = ({ rows, hasOlder, place, firstUnread, newCount }: Thread): Start => {
  const eye = place === null ? -1 : rows.findIndex(({ seq }) => seq !== null && seq >= place.seq);
  if (place !== null && eye >= 0)
    return { index: eye, seq: rows[eye]?.seq ?? place.seq, top: place.top, of: 'message', atEnd: false };
  // Whoever has sent something before any of it was here has read it all.
  const unread = newCount === 0 ? -1 : rows.findIndex((row) => row.unreadDivider);
  // The first of all that is here, with more above it: then the divider belongs further up, and there is a way there.
  const first = rows[unread]?.seq ?? null;
  return first !== null && (unread > 0 || !hasOlder || first === firstUnread)
    ? { index: unread, seq: first, top: aboveDivider, of: 'itsRow', atEnd: false }
    : { atEnd: true };
};
