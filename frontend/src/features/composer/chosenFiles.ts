import { createClientId } from '@sori/client';
import type { ChosenFile } from '../../store/uploads';

/** In bytes. The server's own limit may be lower: then it says so. */
export const largestFile = 100 * 2 ** 20;

/** What could turn a name around, or a line; the server removes the same. */
const steering = /[\u202a-\u202e\u2066-\u2069\p{Cc}]/gu;

const cleanName = (name: string): string => name.normalize('NFC').replace(steering, '').trim() || 'file';

/** So many pictures are measured at the same time: each is decoded whole. */
const patienceMs = 5_000;

/** As it is seen, after its orientation. Null where the browser cannot draw it. */
const sizeOfPicture = (blob: Blob): Promise<{ width: number; height: number } | null> =>
  new Promise((resolve) => {
    const url = URL.createObjectURL(blob);
    const picture = new Image();
    const done = (isDrawn: boolean) => {
      clearTimeout(timer);
      URL.revokeObjectURL(url);
      const { naturalWidth: width, naturalHeight: height } = picture;
      resolve(isDrawn && width > 0 && height > 0 ? { width, height } : null);
    };
    const timer = setTimeout(() => done(false), patienceMs);
    picture.onload = () => done(true);
    picture.onerror = () => done(false);
    picture.src = url;
  });

const shownByName = /^image\/(?:png|jpeg|gif|webp)$/;

/** A picture is one where the browser can draw it: whatever else is called one goes as a file. */
export const asChosen = async (file: File): Promise<ChosenFile> => {
  const name = cleanName(file.name);
  const chosen = { id: createClientId(), name, size: file.size, blob: file };
  if (!shownByName.test(file.type)) return { ...chosen, type: file.type || 'application/octet-stream' };
  const measured = await sizeOfPicture(file);
  return measured === null
    ? { ...chosen, type: 'application/octet-stream' }
    : { ...chosen, type: file.type, ...measured };
};

/** The files of what was dropped, without folders, which look like files and cannot be read. */
export const filesOf = (data: DataTransfer): File[] => {
  const files = [...data.files];
  const items = [...data.items].filter(({ kind }) => kind === 'file');
  return files.filter((_, index) => items[index]?.webkitGetAsEntry()?.isDirectory !== true);
};

export const hasFiles = (data: DataTransfer | null): boolean => data?.types.includes('Files') === true;
