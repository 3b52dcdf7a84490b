import { useEffect, useRef, useState, type PointerEvent } from 'react';

/** How long the mouse has to rest before rows may move again, in milliseconds. */
const rest = 900;

/**
 * Keeps rows from moving under a mouse that is on its way to one of them: while it moves over the list, rows stay in the
 * order they had. New rows come at their place, and gone ones go. Fingers need none of this: they aim and touch in one.
 */
export function useSteadyOrder<Row extends { id: string }>(rows: readonly Row[]) {
  const [frozen, setFrozen] = useState<readonly string[] | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const thaw = () => {
    clearTimeout(timer.current);
    setFrozen(null);
  };
  return {
    rows: frozen === null ? rows : inOrderOf(frozen, rows),
    hold: {
      onPointerMove: (event: PointerEvent) => {
        if (event.pointerType !== 'mouse') return;
        clearTimeout(timer.current);
        timer.current = setTimeout(() => setFrozen(null), rest);
        setFrozen((held) => held ?? rows.map(({ id }) => id));
      },
      onPointerLeave: thaw,
      // The row was hit: whatever moves it now is the person's own doing.
      onClick: thaw,
    },
  };
}

/** Rows known to the order, in that order; each unknown one stays before the row that it was before. */
export const inOrderOf = <Row extends { id: string }>(
  order: readonly string[],
  rows: readonly Row[],
): readonly Row[] => {
  const place = new Map(order.map((id, index) => [id, index]));
  const known = rows
    .filter(({ id }) => place.has(id))
    .sort((one, other) => (place.get(one.id) ?? 0) - (place.get(other.id) ?? 0));
  const result: Row[] = [];
  let next = 0;
  for (const row of rows) {
    if (!place.has(row.id)) result.push(row);
    else {
      const held = known[next];
      next += 1;
      if (held !== undefined) result.push(held);
    }
  }
  return result;
};
