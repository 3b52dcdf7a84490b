import { attachmentKind, type Attachment, type AttachmentKind } from '@sori/contract';
import type { ReactNode } from 'react';
import { FileRow } from './FileRow';
import { albumOf, albumWidth, placeOf } from './layout';
import { Picture } from './Picture';
import { Playable } from './Playable';
import { UploadRing } from './UploadRing';

type Props = {
  attachments: readonly Attachment[];
  /** The server does not have the message yet; `failed`: and does not get it by itself. */
  onItsWay: 'no' | 'yes' | 'failed';
  onAccent: boolean;
  tabIndex: number;
  onOpen: (file: Attachment) => void;
  onCancel: (file: Attachment) => void;
};

/** So wide, in CSS pixels, the files of a message make it. */
export const widthOf = (attachments: readonly Attachment[]): number => {
  const [first, ...others] = attachments;
  return first !== undefined && others.length === 0 && attachmentKind(first) === 'picture'
    ? placeOf(first).width
    : albumWidth;
};

/** Pictures stand first: below them, or below rows, there is room already. */
export const endsWithPicture = (attachments: readonly Attachment[]): boolean =>
  attachments.every((one) => attachmentKind(one) === 'picture');

type One = { file: Attachment; kind: AttachmentKind };

/** What a message carries: pictures together, as an album where there are several; then everything else, one by one. */
export function Attachments(props: Props) {
  const { attachments, onItsWay, onAccent, tabIndex, onCancel } = props;
  const all = attachments.map((file): One => ({ file, kind: attachmentKind(file) }));
  const pictures = all.filter(({ kind }) => kind === 'picture');
  const others = all.filter(({ kind }) => kind !== 'picture');
  const ring = (file: Attachment) =>
    onItsWay === 'no' ? null : (
      <UploadRing
        file={file}
        isFailed={onItsWay === 'failed'}
        tabIndex={tabIndex}
        onCancel={() => onCancel(file)}
      />
    );
  return (
    <>
      <Pictures {...props} pictures={pictures.map(({ file }) => file)} ring={ring} />
      {others.map(({ file, kind }, index) => (
        <div
          key={index}
          data-testid="attachment"
          // A film or a sound is not played from here: until it has arrived it is a file like any other.
          data-kind={kind}
        >
          {kind === 'file' || onItsWay !== 'no' ? (
            <FileRow file={file} isOnItsWay={onItsWay !== 'no'} onAccent={onAccent} tabIndex={tabIndex}>
              {ring(file)}
            </FileRow>
          ) : (
            <Playable file={file} kind={kind} onAccent={onAccent} tabIndex={tabIndex} />
          )}
        </div>
      ))}
    </>
  );
}

type PicturesProps = Pick<Props, 'onItsWay' | 'tabIndex' | 'onOpen'> & {
  pictures: readonly Attachment[];
  ring: (file: Attachment) => ReactNode;
};

function Pictures({ pictures, ring, onItsWay, tabIndex, onOpen }: PicturesProps) {
  const [single, ...more] = pictures;
  if (single === undefined) return null;
  const picture = (file: Attachment, width: number, covers: boolean) => (
    <>
      <Picture
        file={file}
        isOnItsWay={onItsWay !== 'no'}
        width={width}
        covers={covers}
        tabIndex={tabIndex}
        onOpen={() => onOpen(file)}
      />
      <span className="pointer-events-none absolute inset-0 grid place-items-center *:pointer-events-auto">
        {ring(file)}
      </span>
    </>
  );
  if (more.length === 0) {
    const { width, aspectRatio } = placeOf(single);
    return (
      <div
        data-testid="attachment"
        data-kind="picture"
        style={{ width, aspectRatio }}
        className="relative mx-auto max-w-full"
      >
        {picture(single, width, true)}
      </div>
    );
  }
  const { columns, rows, firstSpans } = albumOf(pictures.length);
  const cell = albumWidth / columns;
  return (
    <div
      data-testid="album"
      style={{
        gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
        gridTemplateRows: `repeat(${rows}, minmax(0, 1fr))`,
        aspectRatio: columns / rows,
      }}
      className="grid w-full gap-0.5"
    >
      {pictures.map((file, index) => (
        <div
          key={index}
          data-testid="attachment"
          data-kind="picture"
          style={index === 0 ? { gridColumn: `span ${firstSpans}` } : undefined}
          className="relative"
        >
          {picture(file, index === 0 ? cell * firstSpans : cell, true)}
        </div>
      ))}
    </div>
  );
}
