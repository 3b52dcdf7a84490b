import type { ComponentProps } from 'react';
import { classes } from './classes';

const looks = {
  primary: 'rounded-xl bg-jjok px-4 text-on-jjok hover:bg-jjok-strong',
  quiet: 'rounded-xl bg-sunken px-4 text-ink hover:bg-press',
  /** The one press that cannot be taken back. */
  destructive: 'rounded-xl bg-badge px-4 text-on-badge hover:brightness-95',
  link: 'rounded-md text-jjok underline-offset-4 hover:text-jjok-strong hover:underline',
  danger: 'rounded-md text-persimmon-text underline-offset-4 hover:underline',
} as const;

type Look = keyof typeof looks;

/** How a button looks, for links that look like one. */
export const buttonLook = (look: Look, small = false): string =>
  classes(
    'inline-flex items-center justify-center gap-2 font-semibold transition-colors disabled:opacity-60 max-wide:min-h-11',
    look === 'link' || look === 'danger' ? 'text-sm' : small ? 'h-9 text-sm' : 'h-11',
    looks[look],
  );

type Props = ComponentProps<'button'> & { look?: Look; small?: boolean };

export function Button({ look = 'primary', small = false, className, type = 'button', ...rest }: Props) {
  return <button type={type} className={classes(buttonLook(look, small), className)} {...rest} />;
}
