import { File, FileArchive, FileAudio, FileText, FileVideo, Image, type LucideIcon } from 'lucide-react';
import type { Attachment } from '@sori/contract';
import { classes } from '../../ui/classes';

const marks: readonly [RegExp, LucideIcon][] = [
  [/^image\//, Image],
  [/^video\//, FileVideo],
  [/^audio\//, FileAudio],
  [/pdf|^text\/|word|document|hwp/, FileText],
  [/zip|compressed|tar|7z|rar/, FileArchive],
];

/** What kind of file it is, as a picture. Of what the server does not name, the ending says it. */
export function FileMark({ file: { name, type }, onAccent = false }: Props) {
  const ending = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  const known = type === 'application/octet-stream' ? ending : type;
  const Mark = marks.find(([kind]) => kind.test(known))?.[1] ?? File;
  return (
    <span
      className={classes(
        'grid size-10 shrink-0 place-items-center rounded-xl',
        onAccent ? 'bg-on-mine/15 text-on-mine' : 'bg-jjok-soft text-jjok',
      )}
    >
      <Mark className="size-5" aria-hidden="true" />
    </span>
  );
}

type Props = { file: Pick<Attachment, 'name' | 'type'>; onAccent?: boolean };
