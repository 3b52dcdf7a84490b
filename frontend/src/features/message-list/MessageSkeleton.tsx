import { SkeletonPart } from '../../ui/Skeleton';
import { classes } from '../../ui/classes';

const bubbles = [
  { mine: false, size: 'h-10 w-56' },
  { mine: false, size: 'h-10 w-40' },
  { mine: true, size: 'h-10 w-48' },
  { mine: false, size: 'h-15 w-72' },
  { mine: true, size: 'h-10 w-32' },
  { mine: true, size: 'h-15 w-64' },
];

/** The shape of a conversation that is on its way. */
export function MessageSkeleton() {
  return (
    <div className="flex h-full flex-col justify-end gap-3 px-4 pb-4 wide:px-6">
      {bubbles.map(({ mine, size }, index) => (
        <SkeletonPart
          key={index}
          round="rounded-bubble"
          className={classes('max-w-[75%]', size, mine && 'self-end')}
        />
      ))}
    </div>
  );
}
