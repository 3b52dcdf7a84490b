import { memo, useMemo, useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { classes } from '../../ui/classes';
import { beginningOf } from './collapse';
import { MentionMark } from './MentionMark';
import { beginningOfParts, partsOf, useMentionable } from './mentionsShown';
import { useRowStop } from './rowStop';

type Props = { text: string; onAccent: boolean };

/**
 * What somebody wrote, exactly as typed: line breaks, angle brackets and all. Long texts open on demand. A reaction leaves
 * it alone.
 */
export const MessageText = memo(function MessageText({ text, onAccent }: Props) {
  const { t } = useTranslation();
  const tabIndex = useRowStop();
  const [whole, setWhole] = useState(false);
  const beginning = useMemo(() => beginningOf(text), [text]);
  const mentionable = useMentionable();
  // Whom it mentions, the whole text decides: a name that the cut goes through is nobody else's.
  const wholeParts = useMemo(() => partsOf(text, mentionable), [text, mentionable]);
  const parts = useMemo(
    () =>
      beginning === null || whole
        ? wholeParts
        : [...beginningOfParts(wholeParts, beginning.length - 1), { text: '…', href: null, mentioned: null }],
    [wholeParts, beginning, whole],
  );
  return (
    <>
      {/* dir=auto looks at each message by itself, and keeps direction marks in it from reaching outside. */}
      <p dir="auto" className="isolate whitespace-pre-wrap">
        {parts.map(({ text: part, href, mentioned }, index) =>
          mentioned !== null ? (
            <MentionMark key={index} userId={mentioned} text={part} onAccent={onAccent} />
          ) : href === null ? (
            <span key={index}>{part}</span>
          ) : (
            <a
              key={index}
              href={href}
              tabIndex={tabIndex}
              translate="no"
              target="_blank"
              rel="noopener noreferrer nofollow"
              className={classes(
                'underline decoration-current/40 underline-offset-2 hover:decoration-current',
                !onAccent && 'text-jjok',
              )}
            >
              {part}
            </a>
          ),
        )}
      </p>
      {beginning !== null && (
        <button
          type="button"
          tabIndex={tabIndex}
          aria-expanded={whole}
          onClick={() => setWhole(!whole)}
          className={classes(
            'mt-1 rounded text-sm font-semibold underline-offset-4 hover:underline max-wide:min-h-11',
            onAccent ? 'text-on-mine-muted' : 'text-jjok',
          )}
        >
          {t(whole ? 'message.less' : 'message.more')}
        </button>
      )}
    </>
  );
});
