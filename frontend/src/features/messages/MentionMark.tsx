import type { Id } from '@sori/contract';
import { myId } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import { classes } from '../../ui/classes';

/** Somebody's name in a text. One's own stands out: that is whom it calls. */
export function MentionMark({ userId, text, onAccent }: { userId: Id; text: string; onAccent: boolean }) {
  const isMe = useAppStore((state) => myId(state) === userId);
  const fullName = useAppStore(({ people }) => people[userId]?.fullName);
  return (
    <span
      data-testid="mention"
      data-me={isMe}
      translate="no"
      title={fullName}
      className={classes(
        // Whole on one line, unless it is longer than one.
        'inline-block max-w-full font-semibold',
        isMe
          ? 'rounded-md bg-jjok px-1 text-on-jjok'
          : onAccent
            ? 'text-on-mine underline decoration-current/40 underline-offset-2'
            : 'text-jjok',
      )}
    >
      {text}
    </span>
  );
}
