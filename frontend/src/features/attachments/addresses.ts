import type { PictureSize } from '@sori/contract';

/** Where the server serves a file. */
export const fileUrl = (id: string, size?: PictureSize): string =>
  `/api/files/${id}${size === undefined ? '' : `?size=${size}`}`;

/** As a file to be saved, under its name. */
export const downloadUrl = (id: string): string => `/api/files/${id}?download=1`;
