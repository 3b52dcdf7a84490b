import { CircleAlert } from 'lucide-react';

/** What the server said to the whole form. Mounted empty, so that screen readers hear the sentence when it comes. */
export function FormAlert({ text }: { text: string | undefined }) {
  return (
    <div role="alert">
      {text !== undefined && (
        <p className="mb-4 flex animate-rise gap-2.5 rounded-xl bg-persimmon-soft px-3.5 py-2.5 text-sm text-persimmon-text">
          <CircleAlert className="mt-px size-4 shrink-0" aria-hidden="true" />
          <span>{text}</span>
        </p>
      )}
    </div>
  );
}
