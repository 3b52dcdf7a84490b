import { Plus } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { KeyboardEvent } from 'react';
import { useTranslation } from '../../i18n/useTranslation';

/** What people mostly want to say with one sign. */
export const quickEmojis = ['👍', '❤️', '😂', '😮', '😢', '🙏'] as const;

type Props = {
  /** In a menu its parts are menu items, and the arrow keys go along the row. */
  inMenu: boolean;
  mine: readonly string[];
  onPick: (emoji: string) => void;
  onMore: () => void;
};

const button =
  'grid size-9 place-items-center rounded-full text-[1.375rem] leading-none outline-none transition-transform hover:scale-110 hover:bg-sunken data-highlighted:bg-sunken aria-pressed:bg-jjok-soft focus-visible:outline-2 focus-visible:outline-jjok max-wide:size-11 max-wide:text-2xl';

/** A few reactions at hand, and the way to all others. */
export function ReactionChooser({ inMenu, mine, onPick, onMore }: Props) {
  const { t } = useTranslation();
  const plus = <Plus className="size-4.5 text-muted" aria-hidden="true" />;
  if (inMenu)
    return (
      <DropdownMenu.Group
        aria-label={t('message.react')}
        className="mb-1.5 flex items-center justify-between gap-0.5 border-b border-hairline pb-1.5"
        // Before the menu hears of it, for which all its items are one column.
        onKeyDownCapture={moveAlong}
      >
        {quickEmojis.map((emoji) => (
          <DropdownMenu.CheckboxItem
            key={emoji}
            checked={mine.includes(emoji)}
            aria-label={t('message.reactWith', { emoji })}
            className={`${button} data-[state=checked]:bg-jjok-soft`}
            onSelect={() => onPick(emoji)}
          >
            {emoji}
          </DropdownMenu.CheckboxItem>
        ))}
        <DropdownMenu.Item aria-label={t('message.reactMore')} className={button} onSelect={onMore}>
          {plus}
        </DropdownMenu.Item>
      </DropdownMenu.Group>
    );
  return (
    <div
      role="group"
      aria-label={t('message.react')}
      className="flex items-center justify-between gap-0.5 p-1"
    >
      {quickEmojis.map((emoji) => (
        <button
          key={emoji}
          type="button"
          aria-pressed={mine.includes(emoji)}
          aria-label={t('message.reactWith', { emoji })}
          className={button}
          onClick={() => onPick(emoji)}
        >
          {emoji}
        </button>
      ))}
      <button type="button" aria-label={t('message.reactMore')} className={button} onClick={onMore}>
        {plus}
      </button>
    </div>
  );
}

/** Left and right go from sign to sign, down leaves the row. */
const moveAlong = (event: KeyboardEvent<HTMLElement>) => {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role^=menuitem]')];
  const here = items.indexOf(document.activeElement as HTMLElement);
  const below = event.currentTarget.parentElement?.querySelectorAll<HTMLElement>('[role=menuitem]');
  const next =
    event.key === 'ArrowRight'
      ? items[here + 1]
      : event.key === 'ArrowLeft'
        ? items[here - 1]
        : event.key === 'ArrowDown'
          ? [...(below ?? [])].find((item) => !items.includes(item))
          : undefined;
  if (next === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  next.focus();
};
