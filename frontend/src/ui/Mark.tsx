const line =
  'M5.9 16.2A9.6 9.6 0 0 1 14.4 3.3h5a9.5 9.5 0 0 1 9.3 9.5c0 5.6-4.1 9-8.2 9.2-3 .2-2.7 6.3-5.2 6.3-2.7 0-2.3-8.6-4.9-8.6-2.2 0-1.9 5.7-4 5.7-1.5 0-1.5-2.3-3.4-2.3';

/** Our mark: a speech bubble whose tail is a sound wave, drawn in one line. */
export function Mark({ className = '' }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden="true">
      <path
        d={line}
        fill="none"
        stroke="currentColor"
        strokeWidth="2.7"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
