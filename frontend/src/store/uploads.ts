import type { OutgoingFile } from '@sori/client';
import type { Id } from '@sori/contract';

/** A file that was picked, pasted or dropped, before it is sent. */
export type ChosenFile = Pick<OutgoingFile, 'id' | 'name' | 'type' | 'size' | 'width' | 'height'> & {
  readonly blob: Blob;
};

export type UploadProgress = {
  readonly state: 'queued' | 'sending' | 'failed' | 'done';
  /** 0 to 100. */
  readonly percent: number;
  /** It may say where it was made: that could not be removed from it. */
  readonly mayTellPlace?: boolean;
};

export type UploadsSlice = {
  /** How far the files have come that this page uploads or uploaded, by `OutgoingFile.id`. */
  uploads: Readonly<Record<string, UploadProgress>>;
  /** What lies in the composer, as drafts do, as long as the page is there. */
  chosen: Readonly<Record<Id, readonly ChosenFile[]>>;
  uploadProgressed: (id: string, progress: UploadProgress) => void;
  filesChosen: (key: Id, files: readonly ChosenFile[]) => void;
};
