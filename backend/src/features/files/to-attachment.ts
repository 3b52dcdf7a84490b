import type { Attachment } from '@sori/contract';
import type { FileRow } from './file.model.js';

type Shown = Pick<
  FileRow,
  '_id' | 'name' | 'type' | 'size' | 'width' | 'height' | 'duration' | 'peaks' | 'placeholder' | 'animated'
>;

/** A ready file as a message carries it: stored so, and shown so. */
export const toAttachment = (row: Shown): Attachment => ({
  _id: row._id.toHexString(),
  name: row.name,
  type: row.type,
  size: row.size,
  ...(row.width === undefined ? {} : { width: row.width }),
  ...(row.height === undefined ? {} : { height: row.height }),
  ...(row.duration === undefined ? {} : { duration: row.duration }),
  ...(row.peaks === undefined ? {} : { peaks: [...row.peaks] }),
  ...(row.placeholder === undefined ? {} : { placeholder: row.placeholder }),
  ...(row.animated === true ? { animated: true } : {}),
});
