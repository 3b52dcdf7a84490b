import type { Person } from '@sori/contract';
import type { TFunction } from 'i18next';
import { useTranslation } from '../../i18n/useTranslation';

const delays = ['', '[animation-delay:150ms]', '[animation-delay:300ms]'];

/** Three dots that move like somebody's fingers. */
export function TypingDots() {
  return (
    <span aria-hidden="true" className="inline-flex items-center gap-0.75">
      {delays.map((delay) => (
        <span key={delay} className={`size-1.25 animate-wave rounded-full bg-current ${delay}`} />
      ))}
    </span>
  );
}

export const whoTypes = (t: TFunction, people: readonly Person[]): string => {
  const [one, two, three] = people;
  if (one === undefined) return '';
  if (two === undefined) return t('typing.alone', { name: one.fullName });
  if (three === undefined) return t('typing.both', { one: one.fullName, two: two.fullName });
  return t('typing.several');
};

/** Who is writing, as a line of its own. Not announced: it comes and goes, and what they say is announced then. */
export function WhoTypes({ people }: { people: readonly Person[] }) {
  const { t } = useTranslation();
  if (people.length === 0) return null;
  return (
    <p className="flex animate-fade items-center gap-2 px-1 text-xs text-muted">
      <TypingDots />
      <span className="truncate">{whoTypes(t, people)}</span>
    </p>
  );
}
