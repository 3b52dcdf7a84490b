import type { ComponentProps } from 'react';
import { classes } from './classes';

type Props = ComponentProps<'button'> & { label: string };

/** A round button with a picture only; its name is for those who do not see the picture. */
export function IconButton({ label, className, children, ...rest }: Props) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={classes(
        'inline-grid size-9 shrink-0 place-items-center rounded-full text-muted transition-colors hover:bg-hover hover:text-ink max-wide:size-11',
        className,
      )}
      {...rest}
    >
      {children}
    </button>
  );
}
