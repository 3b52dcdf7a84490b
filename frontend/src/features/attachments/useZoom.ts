import { useMemo, useState } from 'react';

/** So much larger than it fits. */
const largest = 8;

export type Zoom = {
  scale: number;
  /** How far it was moved from its place, in CSS pixels. */
  x: number;
  y: number;
  by: (factor: number) => void;
  moved: (dx: number, dy: number) => void;
  reset: () => void;
};

const atFirst = { scale: 1, x: 0, y: 0 };

/** How large a picture is shown, and which part of it; another one begins anew. */
export function useZoom(shown: string): Zoom {
  const [state, setState] = useState({ of: shown, ...atFirst });
  const { scale, x, y } = state.of === shown ? state : atFirst;
  const ways = useMemo(() => {
    const change = (next: (now: typeof atFirst) => typeof atFirst) =>
      setState((now) => ({ of: shown, ...next(now.of === shown ? now : atFirst) }));
    return {
      by: (factor: number) =>
        change((now) => {
          const to = Math.min(largest, Math.max(1, now.scale * factor));
          const ratio = to / now.scale;
          return to === 1 ? atFirst : { scale: to, x: now.x * ratio, y: now.y * ratio };
        }),
      moved: (dx: number, dy: number) =>
        change((now) => (now.scale === 1 ? now : { ...now, x: now.x + dx, y: now.y + dy })),
      reset: () => change(() => atFirst),
    };
  }, [shown]);
  return { scale, x, y, ...ways };
}
