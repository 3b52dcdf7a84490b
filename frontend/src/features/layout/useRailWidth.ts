import { useState } from 'react';

export const railWidths = { min: 280, usual: 320, max: 340 } as const;
const storageKey = 'sori:rail';

const within = (width: number) => Math.round(Math.min(railWidths.max, Math.max(railWidths.min, width)));

const remembered = (): number => {
  try {
    return within(Number(localStorage.getItem(storageKey) ?? railWidths.usual));
  } catch {
    return railWidths.usual;
  }
};

/** How wide the list is, in pixels; remembered on this device. */
export function useRailWidth() {
  const [width, setWidth] = useState(remembered);
  return {
    width,
    resize: (wanted: number) => {
      const next = within(wanted);
      setWidth(next);
      try {
        localStorage.setItem(storageKey, String(next));
      } catch {
        // Then it lasts as long as the page.
      }
    },
  };
}
