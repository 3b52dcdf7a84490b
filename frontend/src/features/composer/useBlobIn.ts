import { useCallback } from 'react';

/** For an `<img>`: shows it for as long as the element is there. */
export const useBlobIn = (blob: Blob) =>
  useCallback(
    (element: HTMLImageElement | null) => {
      if (element === null) return undefined;
      const url = URL.createObjectURL(blob);
      element.src = url;
      return () => URL.revokeObjectURL(url);
    },
    [blob],
  );
