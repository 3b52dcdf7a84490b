import { useTranslation } from '../../i18n/useTranslation';
import { myId } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import { classes } from '../../ui/classes';
import { Tooltip } from '../../ui/Tooltip';
import { useRowStop } from './rowStop';
import { useActs } from './ThreadActs';
import type { ThreadRow } from './threadRow';

/** More names would be a list to study. */
const namedAtMost = 12;

/** How people reacted to it, one's own reactions marked: a press adds or takes back one's own. */
export function Reactions({ row }: { row: ThreadRow }) {
  const { t } = useTranslation();
  const acts = useActs();
  const tabIndex = useRowStop();
  const people = useAppStore((state) => state.people);
  const me = useAppStore(myId);

  const namesOf = ({ count, userIds }: { count: number; userIds: readonly string[] }): string => {
    const named = userIds
      .slice(0, namedAtMost)
      .map((id) => (id === me ? t('search.you') : (people[id]?.fullName ?? t('message.somebody'))));
    const more = count - named.length;
    return more > 0 ? t('message.reactedMore', { names: named.join(', '), count: more }) : named.join(', ');
  };
  return (
    <ul aria-label={t('message.reactions')} className="mt-1 mb-1 flex flex-wrap gap-1">
      {(row.message?.reactions ?? []).map((reaction) => {
        const { emoji, count, userIds } = reaction;
        const isMine = userIds.includes(me);
        const names = namesOf(reaction);
        return (
          <li key={emoji} className="animate-appear">
            <Tooltip text={names}>
              <button
                type="button"
                tabIndex={tabIndex}
                aria-pressed={isMine}
                aria-label={t('message.reaction', { emoji, names })}
                onClick={() => acts.react(row, emoji)}
                className={classes(
                  'tabular flex h-7 items-center gap-1 rounded-full border px-2 text-sm transition-colors max-wide:h-8 max-wide:px-2.5',
                  isMine
                    ? 'border-jjok/50 bg-jjok-soft font-semibold text-jjok'
                    : 'border-hairline bg-raised text-muted hover:border-outline/60',
                )}
              >
                <span translate="no" className="text-[0.9375rem] leading-none">
                  {emoji}
                </span>
                {count > 1 && <span>{count}</span>}
              </button>
            </Tooltip>
          </li>
        );
      })}
    </ul>
  );
}
