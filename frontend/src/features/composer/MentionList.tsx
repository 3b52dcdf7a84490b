import { useTranslation } from '../../i18n/useTranslation';
import { Avatar } from '../../ui/Avatar';
import { classes } from '../../ui/classes';
import { Space } from '../../ui/Space';
import type { MentionCompletion } from './useMentionCompletion';

type Props = { id: string; completion: MentionCompletion; onTake: (index: number) => void };

export const optionId = (id: string, index: number): string => `${id}-${index}`;

/** Whom an `@` can mean, above the box in which it was typed. The focus stays in the box. */
export function MentionList({ id, completion: { options, active }, onTake }: Props) {
  const { t } = useTranslation();
  return (
    <>
      <p role="status" className="sr-only">
        {options.length > 0 && t('mention.found', { count: options.length })}
      </p>
      {options.length > 0 && (
        <ul
          id={id}
          role="listbox"
          aria-label={t('mention.label')}
          data-testid="mention-list"
          className="absolute inset-x-3 bottom-full z-20 mb-1 animate-appear overflow-hidden rounded-2xl border border-hairline bg-raised p-1.5 shadow-float wide:inset-x-5 wide:w-80"
        >
          {options.map((person, index) => (
            <li
              key={person._id}
              id={optionId(id, index)}
              role="option"
              aria-selected={index === active}
              data-testid="mention-option"
              data-user-id={person._id}
              // The focus stays where one writes.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => onTake(index)}
              className={classes(
                'flex min-h-10 cursor-pointer items-center gap-2.5 rounded-lg px-2 max-wide:min-h-12',
                index === active ? 'bg-sunken' : 'hover:bg-hover',
              )}
            >
              <Avatar name={person.fullName} src={person.profilePic} className="size-7" />
              <span className="min-w-0 truncate">
                <bdi translate="no" className="font-semibold">
                  {person.fullName}
                </bdi>
                <Space />
                <bdi translate="no" className="text-sm text-muted">{`@${person.username}`}</bdi>
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
