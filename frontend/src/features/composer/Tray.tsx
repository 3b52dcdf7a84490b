import { ArrowLeft, ArrowRight, X } from 'lucide-react';
import type { KeyboardEvent, ReactNode } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import type { ChosenFile } from '../../store/uploads';
import { classes } from '../../ui/classes';
import { FileMark } from '../attachments/FileMark';
import { useFileSize } from '../attachments/useFileSize';
import type { ChosenFiles } from './useChosenFiles';
import { useBlobIn } from './useBlobIn';

/** A look at what is about to be sent, in its order. */
export function Tray({ files, remove, move }: Pick<ChosenFiles, 'files' | 'remove' | 'move'>) {
  const { t } = useTranslation();
  if (files.length === 0) return null;
  return (
    <ul
      aria-label={t('files.chosen')}
      data-testid="tray"
      className="flex animate-rise gap-2 overflow-x-auto border-b border-hairline p-2.5"
    >
      {files.map((file, index) => (
        <li key={file.id} className="shrink-0">
          <Chosen
            file={file}
            isFirst={index === 0}
            isLast={index === files.length - 1}
            onRemove={() => remove(file.id)}
            onMove={(by) => move(file.id, by)}
          />
        </li>
      ))}
    </ul>
  );
}

type ChosenProps = {
  file: ChosenFile;
  isFirst: boolean;
  isLast: boolean;
  onRemove: () => void;
  onMove: (by: -1 | 1) => void;
};

function Chosen({ file, isFirst, isLast, onRemove, onMove }: ChosenProps) {
  const { t } = useTranslation();
  const sizeText = useFileSize();
  const { name, width, size } = file;
  const isPicture = width !== undefined;
  const shown = useBlobIn(file.blob);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key === 'ArrowLeft') onMove(-1);
    else if (event.key === 'ArrowRight') onMove(1);
    else if (event.key === 'Delete' || event.key === 'Backspace') onRemove();
    else return;
    event.preventDefault();
  };
  return (
    <div role="group" aria-label={name} title={name} data-testid="chosen-file" onKeyDown={onKeyDown}>
      <div
        className={classes(
          'group/chosen relative h-24 overflow-hidden rounded-xl bg-sunken',
          !isPicture ? 'w-52' : 'w-24',
        )}
      >
        {!isPicture ? (
          <div className="flex h-full items-center gap-2 p-2.5 pr-9">
            <FileMark file={file} />
            <div className="min-w-0 text-sm">
              <p className="line-clamp-3 leading-4.5 wrap-anywhere">
                <bdi translate="no">{name}</bdi>
              </p>
              <p className="tabular text-xs text-muted">{sizeText(size)}</p>
            </div>
          </div>
        ) : (
          <img ref={shown} alt="" draggable={false} className="size-full object-cover" />
        )}
        <Knob label={t('files.remove', { name })} onClick={onRemove} className="top-1 right-1">
          <X className="size-4" aria-hidden="true" />
        </Knob>
        {!isFirst && (
          <Knob
            label={t('files.earlier', { name })}
            onClick={() => onMove(-1)}
            className={classes(quiet, 'bottom-1', isPicture ? 'left-1' : 'right-9 max-wide:right-10')}
          >
            <ArrowLeft className="size-4" aria-hidden="true" />
          </Knob>
        )}
        {!isLast && (
          <Knob
            label={t('files.later', { name })}
            onClick={() => onMove(1)}
            className={classes(quiet, 'right-1 bottom-1')}
          >
            <ArrowRight className="size-4" aria-hidden="true" />
          </Knob>
        )}
      </div>
    </div>
  );
}

/** For a mouse, where it is; for fingers and keys, always. */
const quiet =
  'pointer-fine:opacity-0 pointer-fine:group-hover/chosen:opacity-100 pointer-fine:group-focus-within/chosen:opacity-100';

type KnobProps = { label: string; onClick: () => void; className: string; children: ReactNode };

function Knob({ label, onClick, className, children }: KnobProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={onClick}
      className={classes(
        'absolute grid size-7 place-items-center rounded-full border border-hairline bg-raised text-ink transition-colors hover:bg-press max-wide:size-8',
        className,
      )}
    >
      {children}
    </button>
  );
}
