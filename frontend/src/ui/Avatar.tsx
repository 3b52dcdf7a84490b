import { useState } from 'react';
import { classes } from './classes';

type Props = { name: string; src: string | null; className?: string };

/** A person's picture. The name stands beside it wherever it is shown, so it says nothing by itself. */
export function Avatar({ name, src, className = 'size-11' }: Props) {
  const [broken, setBroken] = useState<string | null>(null);
  const shared = classes('shrink-0 rounded-full bg-jjok-soft select-none', className);
  if (src === null || src === '' || src === broken)
    return (
      <span aria-hidden="true" className={classes(shared, 'grid place-items-center font-semibold text-jjok')}>
        {Array.from(name.trim())[0]?.toUpperCase() ?? '·'}
      </span>
    );
  return (
    <img
      src={src}
      alt=""
      draggable={false}
      className={classes(shared, 'object-cover')}
      onError={() => setBroken(src)}
    />
  );
}
