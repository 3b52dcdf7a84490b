import type { ReactNode } from 'react';

type Props = {
  icon?: ReactNode;
  /** Instead of the icon: something that has a shape of its own. */
  picture?: ReactNode;
  title: string;
  hint?: string;
  /** What the person can do about it. */
  children?: ReactNode;
  /** Failures are told to screen readers at once. */
  alert?: boolean;
  /** h1 where the notice is all there is on the page. */
  heading?: 'h1' | 'h2';
};

/** A state that fills a pane: nothing here yet, not found, failed. */
export function Notice({
  icon,
  picture,
  title,
  hint,
  children,
  alert = false,
  heading: Heading = 'h2',
}: Props) {
  return (
    <div
      role={alert ? 'alert' : undefined}
      className="mx-auto grid max-w-80 grid-cols-1 animate-rise justify-items-center px-6 py-8 text-center"
    >
      {icon !== undefined && (
        <div className="mb-4 grid size-14 place-items-center rounded-full bg-sunken text-muted">{icon}</div>
      )}
      {picture !== undefined && <div className="mb-4">{picture}</div>}
      <Heading className="text-lg font-semibold wrap-anywhere">{title}</Heading>
      {hint !== undefined && <p className="mt-1 wrap-anywhere text-muted">{hint}</p>}
      {children !== undefined && <div className="mt-5 flex gap-3">{children}</div>}
    </div>
  );
}
