import { fileUrl } from './addresses';

/** Browsers take pictures into the clipboard as PNG alone, and only on pages that came over https or from this computer. */
export const copiesPictures = (): boolean => {
  try {
    return typeof ClipboardItem === 'function' && 'write' in navigator.clipboard;
  } catch {
    return false;
  }
};

const asPng = async (url: string): Promise<Blob> => {
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  const canvas = document.createElement('canvas');
  canvas.width = picture.naturalWidth;
  canvas.height = picture.naturalHeight;
  canvas.getContext('2d')?.drawImage(picture, 0, 0);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob === null ? reject(new Error('The canvas gave nothing')) : resolve(blob)),
      'image/png',
    );
  });
};

/** @returns whether it is in the clipboard */
export const copyPicture = async (fileId: string): Promise<boolean> => {
  try {
    // The promise itself: Safari asks for it within the press.
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': asPng(fileUrl(fileId, 'display')) })]);
    return true;
  } catch {
    return false;
  }
};

/** As by a press on a link. */
export const save = (address: string, name: string): void => {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
};
