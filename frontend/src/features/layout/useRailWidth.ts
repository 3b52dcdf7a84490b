import { useState } from 'react';
import { deviceTexts } from '../../device/keptTexts';

export const railWidths = { min: 280, usual: 320, max: 340 } as const;
const storageKey = 'sori:rail';

const within = (width: number) => Math.round(Math.min(railWidths.max, Math.max(railWidths.min, width)));

/** Extensions and people edit storage too: what is no number is no width. */
const remembered = (): number => within(Number(deviceTexts.read(storageKey)) || railWidths.usual);

/** How wide the list is, in pixels; remembered on this device. */
export function useRailWidth() {
  const [width, setWidth] = useState(remembered);
  return {
    width,
    resize: (wanted: number) => {
      const next = within(wanted);
      setWidth(next);
      deviceTexts.write(storageKey, String(next));
    },
  };
}
