import { DoorOpen } from 'lucide-react';
import { classes } from '../../ui/classes';

/** What stands for an open room where a person would have a face. */
export function RoomPicture({ className = 'size-11' }: { className?: string }) {
  return (
    <span
      aria-hidden="true"
      className={classes('grid shrink-0 place-items-center rounded-[30%] bg-jjok/14 text-jjok', className)}
    >
      <DoorOpen className="size-[45%]" />
    </span>
  );
}
