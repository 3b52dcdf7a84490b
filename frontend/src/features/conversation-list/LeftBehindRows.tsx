import { CircleAlert, PencilLine } from 'lucide-react';
import { useTranslation } from '../../i18n/useTranslation';
import { classes } from '../../ui/classes';
import { SteadyLink } from '../../navigation/SteadyLink';
import type { LeftBehind } from './useLeftBehind';

/** The way to what could not be sent, where the conversation itself is not in the list. */
export function LeftBehindRows({ rows, openLane }: { rows: readonly LeftBehind[]; openLane: string }) {
  const { t } = useTranslation();
  if (rows.length === 0) return null;
  return (
    <ul aria-label={t('unsent.title')}>
      {rows.map(({ lane, to, name, text, failed }) => (
        <li key={lane}>
          <SteadyLink
            to={to}
            state={{ fromList: true }}
            draggable={false}
            data-testid="conversation-row"
            data-conversation-id={lane}
            data-unread={0}
            aria-current={lane === openLane ? 'page' : undefined}
            className="flex items-center gap-3 rounded-xl px-2 py-2.5 transition-colors hover:bg-hover active:bg-press aria-[current]:bg-jjok-soft"
          >
            <span
              className={classes(
                'grid size-11 shrink-0 place-items-center rounded-full bg-sunken',
                failed ? 'text-persimmon' : 'text-muted',
              )}
            >
              {failed ? (
                <CircleAlert className="size-5" role="img" aria-label={t('row.failed')} />
              ) : (
                <PencilLine className="size-5" role="img" aria-label={t('row.draft')} />
              )}
            </span>
            <span className="min-w-0 flex-1">
              <span className="block truncate font-semibold">
                <bdi>{name === '' ? t('unsent.nameless') : name}</bdi>
              </span>
              <span className="mt-0.5 block truncate text-sm text-muted">
                <bdi>{text}</bdi>
              </span>
            </span>
          </SteadyLink>
        </li>
      ))}
    </ul>
  );
}
