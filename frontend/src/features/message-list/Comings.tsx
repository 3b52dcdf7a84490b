import type { TFunction } from 'i18next';
import { useTranslation } from '../../i18n/useTranslation';
import type { Coming } from '../../store/openRoom';

/** More names would be a list to study. */
const namedAtMost = 3;

const words = (t: TFunction, { change, names }: Coming): string => {
  const named = names.slice(0, namedAtMost).join(', ');
  const more = names.length - namedAtMost;
  return more > 0
    ? t(change === 'joined' ? 'room.joinedMore' : 'room.leftMore', { names: named, count: more })
    : t(change === 'joined' ? 'room.joined' : 'room.left', { name: named });
};

/** Who came and who went just there in the talk: live news, gone with the next visit. */
export function Comings({ comings }: { comings: readonly Coming[] }) {
  const { t } = useTranslation();
  return comings.map((coming) => (
    <p
      key={coming.key}
      data-testid="room-notice"
      className="mx-auto max-w-240 animate-fade px-6 pt-3 text-center text-xs wrap-anywhere text-muted"
    >
      {words(t, coming)}
    </p>
  ));
}
