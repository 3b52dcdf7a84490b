import { emojiForm } from '@sori/contract';
import { EmojiPicker as Picker, type EmojiPickerListEmojiProps } from 'frimousse';
import type { ComponentProps } from 'react';
import { useTranslation } from '../i18n/useTranslation';
import { currentLanguage } from '../i18n';
import { useTouch } from './useMedia';

/** Every emoji there is, found by its name in the page's language. The names come with the page (vite.config.ts). */
export function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const { t } = useTranslation();
  const touch = useTouch();
  return (
    <Picker.Root
      locale={currentLanguage()}
      emojibaseUrl="/emoji"
      columns={8}
      // Its names come with a selector behind every picture, also where it changes nothing.
      onEmojiSelect={({ emoji }) => onPick(emojiForm(emoji))}
      className="isolate flex h-80 w-full flex-col wide:w-84"
    >
      <Picker.Search
        aria-label={t('emoji.search')}
        placeholder={t('emoji.search')}
        // A finger came to look around: the keyboard would cover half of what there is.
        autoFocus={!touch}
        className="m-2 mb-1 h-9 rounded-lg bg-sunken px-3 outline-none placeholder:text-muted focus-visible:ring-2 focus-visible:ring-jjok max-wide:h-11 max-wide:text-[1rem]"
      />
      <Picker.Viewport tabIndex={0} className="relative flex-1 overscroll-contain -outline-offset-2">
        <Picker.Loading className="absolute inset-0 grid place-items-center text-sm text-muted">
          {t('emoji.loading')}
        </Picker.Loading>
        <Picker.Empty className="absolute inset-0 grid place-items-center text-sm text-muted">
          {t('emoji.none')}
        </Picker.Empty>
        <Picker.List className="pb-1.5 select-none" components={{ CategoryHeader, Row, Emoji }} />
      </Picker.Viewport>
    </Picker.Root>
  );
}

function CategoryHeader({ category, ...rest }: { category: { label: string } }) {
  return (
    <div {...rest} className="bg-raised px-3 pt-2.5 pb-1 text-xs font-semibold text-muted">
      {category.label}
    </div>
  );
}

/** Frimousse counts rows and columns from 0, ARIA from 1. */
function Row({ children, 'aria-rowindex': row = 0, ...rest }: ComponentProps<'div'>) {
  return (
    <div {...rest} aria-rowindex={row + 1} className="flex scroll-my-1.5 justify-between px-1.5">
      {children}
    </div>
  );
}

function Emoji({ emoji, 'aria-colindex': column = 0, ...rest }: EmojiPickerListEmojiProps) {
  return (
    <button
      {...rest}
      type="button"
      aria-colindex={column + 1}
      title={emoji.label}
      className="grid size-10 place-items-center rounded-lg text-[1.375rem] leading-none data-active:bg-sunken"
    >
      {emoji.emoji}
    </button>
  );
}
