import { avatarColours, avatarInk, type Id } from '@sori/contract';
import { graphemesOf } from '../../device/segments';
import { classes } from '../../ui/classes';

const firstCharacter = (name: string): string => {
  for (const { segment } of graphemesOf(name))
    if (/[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(segment)) return segment.toUpperCase();
  return '·';
};

/** The last digits: ids that were made one after the other differ in them. */
const colourOf = (id: Id): string | undefined =>
  avatarColours[Number.parseInt(id.slice(-6), 16) % avatarColours.length];

type Props = { id: Id; name: string; src?: string | undefined; className?: string };

/** The picture of a group; without one it is drawn from its name, and square, since it is nobody. */
export function GroupPicture({ id, name, src, className = 'size-11 text-lg' }: Props) {
  const shared = classes('shrink-0 rounded-[30%] select-none', className);
  if (src !== undefined)
    return <img src={src} alt="" draggable={false} className={classes(shared, 'object-cover')} />;
  return (
    <span
      aria-hidden="true"
      style={{ backgroundColor: colourOf(id), color: avatarInk }}
      className={classes(shared, 'grid place-items-center font-semibold')}
    >
      {firstCharacter(name)}
    </span>
  );
}
