import type { Id } from '@sori/contract';
import { graphemesOf } from '../../device/segments';
import { classes } from '../../ui/classes';

/** The colours of people's pictures (backend/src/features/people/avatar.ts), on which paper can be read. */
const colours = [
  '#D03739',
  '#BC5200',
  '#9F6401',
  '#886F09',
  '#6D7607',
  '#378108',
  '#048254',
  '#037F72',
  '#0C7D87',
  '#13799C',
  '#0274C7',
  '#5264E2',
  '#8257D9',
  '#A349BF',
  '#BD3E9B',
  '#CC366F',
];
const ink = '#FAF9F6';

const firstCharacter = (name: string): string => {
  for (const { segment } of graphemesOf(name))
    if (/[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(segment)) return segment.toUpperCase();
  return '·';
};

/** The last digits: ids that were made one after the other differ in them. */
const colourOf = (id: Id): string | undefined => colours[Number.parseInt(id.slice(-6), 16) % colours.length];

type Props = { id: Id; name: string; src?: string | undefined; className?: string };

/** The picture of a group; without one it is drawn from its name, and square, since it is nobody. */
export function GroupPicture({ id, name, src, className = 'size-11 text-lg' }: Props) {
  const shared = classes('shrink-0 rounded-[30%] select-none', className);
  if (src !== undefined)
    return <img src={src} alt="" draggable={false} className={classes(shared, 'object-cover')} />;
  return (
    <span
      aria-hidden="true"
      style={{ backgroundColor: colourOf(id), color: ink }}
      className={classes(shared, 'grid place-items-center font-semibold')}
    >
      {firstCharacter(name)}
    </span>
  );
}
