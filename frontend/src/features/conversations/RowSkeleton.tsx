import { SkeletonPart } from '../../ui/Skeleton';

const widths = ['w-24', 'w-32', 'w-20', 'w-28'];

/** The shape of rows that are on their way. */
export function RowSkeleton({ count }: { count: number }) {
  return Array.from({ length: count }, (_, index) => (
    <span key={index} className="flex items-center gap-3 px-2 py-2.5">
      <SkeletonPart className="size-11 shrink-0" />
      <span className="grid flex-1 gap-2">
        <SkeletonPart className={`h-3.5 ${widths[index % widths.length] ?? ''}`} />
        <SkeletonPart className="h-3 w-3/4" />
      </span>
    </span>
  ));
}
