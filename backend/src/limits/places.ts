import { AppError } from '../core/errors.js';

export type Places = ReturnType<typeof createPlaces>;

/**
 * How many of something there are at the same time, per key.
 * @param most for each key; 0 for as many as like
 * @param refusal what those are answered who find all of them taken
 */
export function createPlaces(most: number, refusal: string) {
  const taken = new Map<string, number>();
  return {
    /** @returns what gives the place back; twice is once. @throws AppError RATE_LIMITED */
    take(key: string): () => void {
      const before = taken.get(key) ?? 0;
      if (most > 0 && before >= most) throw new AppError('RATE_LIMITED', refusal);
      taken.set(key, before + 1);
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        const left = (taken.get(key) ?? 1) - 1;
        if (left > 0) taken.set(key, left);
        else taken.delete(key);
      };
    },
  };
}
