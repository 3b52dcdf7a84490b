import type { Id } from '@sori/contract';
import { graphemesOf } from '../../device/segments';
import { classes } from '../../ui/classes';

/** The colours of people's pictures (backend/src/features/people/avatar.ts), on which paper can be read. */
const colours = [
  '#3450A1',
  '#2C6A73',
  '#57498A',
  '#86476B',
  '#755436',
  '#466638',
  '#8F4A3A',
  '#2D668C',
  '#655A2C',
  '#8A3F52',
  '#45596E',
  '#6B4579',
];
const ink = '#FAF9F6';

const firstCharacter = (name: string): string => {
  for (const { segment } of graphemesOf(name))
    if (/[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(segment)) return segment.toUpperCase();
  return '·';
};

/** The last digits: ids that were made one after the other differ in them. */
const colourOf = (id: Id): string | undefined => colours[Number.parseInt(id.slice(-6), 16) % colours.length];

type Props = { id: Id; name: string; className?: string };

/** What stands for a group where a person would have a face: drawn from its name, and square, since it is nobody. */
export function GroupPicture({ id, name, className = 'size-11 text-lg' }: Props) {
  return (
    <span
      aria-hidden="true"
      style={{ backgroundColor: colourOf(id), color: ink }}
      className={classes(
        'grid shrink-0 place-items-center rounded-[30%] font-semibold select-none',
        className,
      )}
    >
      {firstCharacter(name)}
    </span>
  );
}
