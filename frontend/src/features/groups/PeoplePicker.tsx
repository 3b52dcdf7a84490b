import type { Id, Person } from '@sori/contract';
import { Check, X } from 'lucide-react';
import { useEffect, useId, useRef, useState, type Ref } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { errorText } from '../../i18n/errorText';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { classes } from '../../ui/classes';
import { useEnterKey } from '../../ui/useEnterKey';
import { useOneStop, type Stop } from '../../ui/useOneStop';
import { RowSkeleton } from '../conversations/RowSkeleton';
import { foundText } from '../people/foundText';
import { usePeopleSearch } from '../people/usePeopleSearch';

type Props = {
  chosen: readonly Person[];
  onChosen: (chosen: readonly Person[]) => void;
  /** Those who are there already, or are oneself. */
  without: ReadonlySet<Id>;
};

/** Searches people on the server and gathers some of them. Those who are chosen stay in sight as chips. */
export function PeoplePicker({ chosen, onChosen, without }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const [query, setQuery] = useState('');
  const { people, state: searched, error, hasMore, loadMore } = usePeopleSearch(query.trim());
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const found = people.filter(({ _id }) => !without.has(_id));
  // Those who are there already may fill a page, or many: whom one can choose comes after them.
  const isPassing = searched === 'ready' && hasMore && found.length === 0;
  useEffect(() => {
    if (isPassing) loadMore();
  }, [isPassing, loadMore]);
  const state = isPassing ? 'loading' : searched;
  const stops = useOneStop(found.map(({ _id }) => _id));
  const isChosen = (_id: Id) => chosen.some((person) => person._id === _id);

  const toggle = (person: Person) => {
    onChosen(isChosen(person._id) ? chosen.filter(({ _id }) => _id !== person._id) : [...chosen, person]);
  };
  const takeFirst = () => {
    const first = found.find(({ _id }) => !isChosen(_id));
    if (query.trim() === '' || state !== 'ready' || first === undefined) return;
    toggle(first);
    setQuery('');
  };
  const enter = useEnterKey(input, { newLineOnTouch: false, onEnter: takeFirst });
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-sm font-semibold">
        {t('group.people')}
      </label>
      <div
        className="flex max-h-32 min-h-11 flex-wrap max-wide:max-h-40 items-center gap-1.5 overflow-y-auto rounded-xl border border-outline/60 bg-paper p-1.5 transition-colors focus-within:border-jjok focus-within:ring-3 focus-within:ring-jjok-soft hover:border-outline"
        onClick={() => input.current?.focus()}
      >
        <Chips
          chosen={chosen}
          onRemove={(person) => {
            toggle(person);
            input.current?.focus();
          }}
        />
        <input
          ref={input}
          id={id}
          data-testid="people-picker"
          type="text"
          role="searchbox"
          enterKeyHint="done"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          dir="auto"
          placeholder={chosen.length === 0 ? t('group.peoplePlaceholder') : ''}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          {...enter}
          onKeyDown={(event) => {
            enter.onKeyDown(event);
            if (event.nativeEvent.isComposing) return;
            if (event.key === 'Backspace' && query === '') onChosen(chosen.slice(0, -1));
            if (event.key === 'Escape' && query !== '') {
              // Only the top layer: the search goes, the dialog stays.
              event.stopPropagation();
              setQuery('');
            }
            if (event.key === 'ArrowDown') {
              event.preventDefault();
              list.current?.querySelector('button')?.focus();
            }
          }}
          className="h-7 min-w-24 flex-1 bg-transparent px-2 outline-none placeholder:text-faint max-wide:h-11 max-wide:text-[1rem]"
        />
      </div>
      <p role="status" className="sr-only">
        <span>{state === 'ready' ? foundText(t, found.length, hasMore) : ''}</span>
        <span>{chosen.length > 0 ? t('group.chosen', { count: chosen.length }) : ''}</span>
      </p>
      <div className="-mx-2 mt-2 h-56 overflow-y-auto overscroll-contain">
        {state !== 'ready' ? (
          <NotReady error={state === 'failed' ? error : null} />
        ) : found.length === 0 ? (
          <p className="px-2 py-3 text-sm text-muted">
            {query.trim() === '' ? t('group.peopleNobody') : t('group.peopleNone', { query: query.trim() })}
          </p>
        ) : (
          <Choices ref={list} stops={stops} found={found} isChosen={isChosen} onToggle={toggle} />
        )}
        {state === 'ready' && hasMore && (
          <Button look="link" className="m-2" onClick={loadMore}>
            {t('search.more')}
          </Button>
        )}
      </div>
    </div>
  );
}

function NotReady({ error }: { error: unknown }) {
  const { t } = useTranslation();
  return error === null ? (
    <div aria-hidden="true">
      <RowSkeleton count={3} />
    </div>
  ) : (
    <p role="alert" className="px-2 py-3 text-sm text-persimmon-text">
      {errorText(t, error)}
    </p>
  );
}

type ChoicesProps = {
  ref: Ref<HTMLUListElement>;
  stops: ReturnType<typeof useOneStop>;
  found: readonly Person[];
  isChosen: (id: Id) => boolean;
  onToggle: (person: Person) => void;
};

function Choices({ ref, stops, found, isChosen, onToggle }: ChoicesProps) {
  const { t } = useTranslation();
  return (
    <ul ref={ref} aria-label={t('search.results')} {...stops.list}>
      {found.map((person) => (
        <li key={person._id}>
          <Choice
            person={person}
            stop={stops.stopOf(person._id)}
            chosen={isChosen(person._id)}
            onToggle={() => onToggle(person)}
          />
        </li>
      ))}
    </ul>
  );
}

function Chips({ chosen, onRemove }: { chosen: readonly Person[]; onRemove: (person: Person) => void }) {
  const chips = useOneStop(
    chosen.map(({ _id }) => _id),
    { across: true },
  );
  return (
    <div className="contents" {...chips.list}>
      {chosen.map((person) => (
        <Chip
          key={person._id}
          person={person}
          stop={chips.stopOf(person._id)}
          onRemove={() => onRemove(person)}
        />
      ))}
    </div>
  );
}

function Chip({ person, stop, onRemove }: { person: Person; stop: Stop; onRemove: () => void }) {
  const { t } = useTranslation();
  return (
    <button
      {...stop}
      type="button"
      data-testid="person-chip"
      aria-label={t('group.takeBack', { name: person.fullName })}
      title={t('group.takeBack', { name: person.fullName })}
      onClick={(event) => {
        event.stopPropagation();
        onRemove();
      }}
      className="group/chip flex max-w-full animate-appear items-center gap-1.5 rounded-full bg-jjok-soft py-1 pr-1.5 pl-1 text-sm transition-colors hover:bg-press max-wide:min-h-11 max-wide:pr-3 max-wide:pl-2"
    >
      <Avatar name={person.fullName} src={person.profilePic} className="size-5" />
      <bdi translate="no" className="truncate">
        {person.fullName}
      </bdi>
      <X className="size-3.5 shrink-0 text-muted group-hover/chip:text-ink" aria-hidden="true" />
    </button>
  );
}

type ChoiceProps = { person: Person; stop: Stop; chosen: boolean; onToggle: () => void };

function Choice({ person, stop, chosen, onToggle }: ChoiceProps) {
  return (
    <button
      {...stop}
      type="button"
      role="checkbox"
      aria-checked={chosen}
      data-testid="person-choice"
      data-user-id={person._id}
      onClick={onToggle}
      className="flex w-full items-center gap-3 rounded-xl px-2 py-1.5 text-left transition-colors hover:bg-sunken focus-visible:-outline-offset-2"
    >
      <Avatar name={person.fullName} src={person.profilePic} className="size-9" />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-semibold">
          <bdi translate="no">{person.fullName}</bdi>
        </span>
        <span className="block truncate text-sm text-muted">
          <bdi translate="no">{`@${person.username}`}</bdi>
        </span>
      </span>
      <span
        aria-hidden="true"
        className={classes(
          'grid size-5.5 shrink-0 place-items-center rounded-full border transition-colors',
          chosen ? 'border-jjok bg-jjok text-on-jjok' : 'border-outline/60',
        )}
      >
        {chosen && <Check className="size-3.5" strokeWidth={3} />}
      </span>
    </button>
  );
}
