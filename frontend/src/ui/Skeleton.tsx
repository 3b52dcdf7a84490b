import type { ReactNode } from 'react';
import { classes } from './classes';
import { useLate } from './useLate';

/** A grey place where something will be. */
export function SkeletonPart({ className, round = 'rounded-full' }: { className: string; round?: string }) {
  return <span className={classes('block animate-breathe bg-sunken', round, className)} />;
}

/**
 * The shape of what is coming. Shown after 150 ms only: what comes sooner needs no announcement, and a flash of grey
 * looks slower than nothing.
 */
export function Skeleton({ label, children }: { label: string; children: ReactNode }) {
  const late = useLate(150);
  return (
    <div role="status" className="size-full overflow-hidden">
      {late && (
        <>
          <span className="sr-only">{label}</span>
          <div aria-hidden="true" className="size-full">
            {children}
          </div>
        </>
      )}
    </div>
  );
}
