import { X, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '../../ui/IconButton';

type Props = { Icon: LucideIcon; cancelLabel: string; onCancel: () => void; children: ReactNode };

/** What the text will be: an answer to something, or something's new words. */
export function ComposerBar({ Icon, cancelLabel, onCancel, children }: Props) {
  return (
    <div className="flex animate-rise items-center gap-2.5 border-b border-hairline pr-1 pl-4 text-sm">
      <Icon className="size-4 shrink-0 text-jjok" aria-hidden="true" />
      <p className="min-w-0 flex-1 truncate">{children}</p>
      <IconButton label={cancelLabel} onClick={onCancel}>
        <X className="size-4" />
      </IconButton>
    </div>
  );
}
