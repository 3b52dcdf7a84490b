import { useId, type ComponentProps, type ReactNode } from 'react';
import { classes } from './classes';

type Props = ComponentProps<'input'> & {
  label: string;
  hint?: string | undefined;
  /** What is wrong with it, as a sentence. Replaces the hint. */
  fault?: string | undefined;
  /** Stands inside the field, at its end. */
  trailing?: ReactNode;
};

export function TextField({ label, hint, fault, trailing, className, ...rest }: Props) {
  const id = useId();
  const note = fault ?? hint;
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block text-sm font-semibold">
        {label}
      </label>
      <div className="relative">
        <input
          id={id}
          aria-invalid={fault !== undefined}
          aria-describedby={note === undefined ? undefined : `${id}-note`}
          className={classes(
            // 16 px on narrow screens: below that, iOS zooms into the page.
            'h-11 w-full rounded-xl border bg-paper px-3.5 transition-colors outline-none placeholder:text-faint max-wide:text-[1rem]',
            'focus-visible:border-jjok focus-visible:ring-3 focus-visible:ring-jjok-soft',
            trailing !== undefined && 'pr-12',
            fault === undefined ? 'border-outline/60 hover:border-outline' : 'border-persimmon',
          )}
          {...rest}
        />
        {trailing !== undefined && (
          <div className="absolute inset-y-0 right-1 grid place-items-center">{trailing}</div>
        )}
      </div>
      {note !== undefined && (
        <p
          id={`${id}-note`}
          className={classes('mt-1.5 text-sm', fault === undefined ? 'text-muted' : 'text-persimmon-text')}
        >
          {note}
        </p>
      )}
    </div>
  );
}
