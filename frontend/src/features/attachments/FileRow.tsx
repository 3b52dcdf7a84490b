import { Download } from 'lucide-react';
import type { Attachment } from '@sori/contract';
import type { ReactNode } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { classes } from '../../ui/classes';
import { downloadUrl } from './addresses';
import { FileMark } from './FileMark';
import { useFileSize } from './useFileSize';

type Props = {
  file: Attachment;
  isOnItsWay: boolean;
  onAccent: boolean;
  tabIndex: number;
  /** How far it has come, while it is on its way. */
  children?: ReactNode;
};

/** Any other file: its name, its kind, its size. A press saves it. */
export function FileRow({ file, isOnItsWay, onAccent, tabIndex, children }: Props) {
  const { t } = useTranslation();
  const row = 'flex w-full items-center gap-3 px-3 py-2.5 text-left';
  if (isOnItsWay)
    return (
      <div className={row}>
        {children}
        <Words file={file} onAccent={onAccent} />
      </div>
    );
  return (
    <a
      href={downloadUrl(file._id)}
      download={file.name}
      tabIndex={tabIndex}
      draggable={false}
      aria-label={t('files.download', { name: file.name })}
      className={classes(row, 'group/file -outline-offset-2')}
    >
      <FileMark file={file} onAccent={onAccent} />
      <Words file={file} onAccent={onAccent} />
      <Download
        className={classes('ml-auto size-4.5 shrink-0', onAccent ? 'text-on-mine-muted' : 'text-muted')}
        aria-hidden="true"
      />
    </a>
  );
}

function Words({ file: { name, size }, onAccent }: Pick<Props, 'file' | 'onAccent'>) {
  const sizeText = useFileSize();
  const ending = /\.([\p{L}\d]{1,8})$/u.exec(name)?.[1];
  return (
    <span className="min-w-0">
      {/* Its direction by itself, and no further. */}
      <span dir="auto" translate="no" className="isolate block font-medium wrap-anywhere">
        {name}
      </span>
      <span className={classes('tabular block text-xs', onAccent ? 'text-on-mine-muted' : 'text-muted')}>
        {ending === undefined ? sizeText(size) : `${ending.toUpperCase()} · ${sizeText(size)}`}
      </span>
    </span>
  );
}
