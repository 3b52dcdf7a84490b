import { Search, X } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useEnterKey } from '../../ui/useEnterKey';
import { IconButton } from '../../ui/IconButton';

type Props = {
  query: string;
  onQuery: (query: string) => void;
  onEnter: () => void;
  /** Down to the list below. */
  onDown: () => void;
};

/** Searches while one types, also while a Korean syllable is still being put together. */
export function PeopleSearch({ query, onQuery, onEnter, onDown }: Props) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const enter = useEnterKey(input, { newLineOnTouch: false, onEnter });
  return (
    <search className="relative mx-3 mb-2 shrink-0">
      <Search
        className="pointer-events-none absolute inset-y-0 left-3 my-auto size-4 text-muted"
        aria-hidden="true"
      />
      <input
        ref={input}
        data-testid="people-search"
        type="text"
        role="searchbox"
        enterKeyHint="search"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        dir="auto"
        aria-label={t('search.label')}
        placeholder={t('search.placeholder')}
        value={query}
        onChange={(event) => onQuery(event.target.value)}
        {...enter}
        onKeyDown={(event) => {
          enter.onKeyDown(event);
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Escape' && query !== '') {
            // Only the top layer: the search goes, what lies below stays.
            event.stopPropagation();
            onQuery('');
          }
          if (event.key === 'ArrowDown') {
            event.preventDefault();
            onDown();
          }
        }}
        className="h-10 w-full rounded-xl border border-transparent bg-sunken pr-10 pl-9 transition-colors outline-none placeholder:text-muted focus-visible:border-jjok focus-visible:bg-raised focus-visible:ring-3 focus-visible:ring-jjok-soft max-wide:h-11 max-wide:text-[1rem]"
      />
      {query !== '' && (
        <IconButton
          label={t('search.clear')}
          className="absolute inset-y-0 right-0.5 my-auto"
          onClick={() => {
            onQuery('');
            input.current?.focus();
          }}
        >
          <X className="size-4" />
        </IconButton>
      )}
    </search>
  );
}
