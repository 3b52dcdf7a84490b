import { useId, type ComponentProps, type ReactNode } from 'react';
import { classes } from './classes';

type Props = ComponentProps<'input'> & {
  label: string;
  hint?: string | undefined;
  /** What is wrong with it, as a sentence. Replaces the hint. */
  fault?: string | undefined;
  /** Leaves room for a fault also where there is no hint. */
  keepsPlace?: boolean;
  /** Words inside the field, before what is written. */
  leading?: string;
  /** Stands inside the field, at its end. */
  trailing?: ReactNode;
};

export function TextField({
  label,
  hint,
  fault,
  keepsPlace = false,
  leading,
  trailing,
  className,
  ...rest
}: Props) {
  const id = useId();
  const note = fault ?? hint;
  const reserved = keepsPlace || note !== undefined;
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block text-sm font-semibold">
        {label}
      </label>
      <div className="relative">
        {leading !== undefined && (
          <span className="pointer-events-none absolute inset-y-0 left-3.5 grid w-12 place-items-center text-muted">
            {leading}
          </span>
        )}
        <input
          id={id}
          aria-invalid={fault !== undefined}
          aria-describedby={note === undefined ? undefined : `${id}-note`}
          className={classes(
            // 16 px on narrow screens: below that, iOS zooms into the page.
            'h-11 w-full rounded-xl border bg-paper px-3.5 transition-colors outline-none placeholder:text-faint max-wide:text-[1rem]',
            'focus-visible:border-jjok focus-visible:ring-3 focus-visible:ring-jjok-soft',
            leading !== undefined && 'pl-[4.125rem]',
            trailing !== undefined && 'pr-12',
            fault === undefined ? 'border-outline/60 hover:border-outline' : 'border-persimmon',
          )}
          {...rest}
        />
        {trailing !== undefined && (
          <div className="absolute inset-y-0 right-1 grid place-items-center">{trailing}</div>
        )}
      </div>
      {/* Hint and fault lie in one place, as high as the higher of both: what is below stays where one is about to press. */}
      {reserved && (
        <div className="mt-1.5 grid min-h-4.5 text-sm *:[grid-area:1/1]">
          {hint !== undefined && (
            <p
              id={fault === undefined ? `${id}-note` : undefined}
              aria-hidden={fault !== undefined}
              className={classes('text-muted', fault !== undefined && 'invisible')}
            >
              {hint}
            </p>
          )}
          {fault !== undefined && (
            <p id={`${id}-note`} className="text-persimmon-text">
              {fault}
            </p>
          )}
        </div>
      )}
    </div>
  );
}
