import { DoorClosed, SearchX, WifiOff } from 'lucide-react';
import type { ApiError } from '@sori/client';
import { refusalReasonOf } from '@sori/contract';
import type { ReactNode } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { Link } from 'react-router';
import { errorText } from '../../i18n/errorText';
import type { VisitEnd } from '../../store/state';
import { Button, buttonLook } from '../../ui/Button';
import { Notice } from '../../ui/Notice';
import { isMissing, useRoomAtTheDoor } from './useRoom';

/** Not let in at all, whatever one is called. */
export const isKeptOut = ({ code, details }: ApiError): boolean =>
  code === 'FORBIDDEN' || refusalReasonOf(details) === 'banned';

/** Why one is not in the room, and the way on. */
export function RoomRefused({ error, again }: { error: ApiError; again: () => void }) {
  const { t } = useTranslation();
  if (isMissing(error))
    return (
      <Notice
        heading="h1"
        icon={<SearchX className="size-6" />}
        title={t('room.missingTitle')}
        hint={t('room.missingHint')}
      >
        <Home />
      </Notice>
    );
  if (isKeptOut(error))
    return (
      <Notice
        heading="h1"
        icon={<DoorClosed className="size-6" />}
        title={t('room.bannedTitle')}
        hint={t('room.bannedHint')}
      >
        <Home />
      </Notice>
    );
  return (
    <Notice
      alert
      heading="h1"
      icon={<WifiOff className="size-6" />}
      title={t('room.failedTitle')}
      hint={errorText(t, error)}
    >
      <Button look="quiet" small onClick={again}>
        {t('room.retry')}
      </Button>
    </Notice>
  );
}

/** The room is no more: nothing leads back into it. */
function RoomDeleted({ children }: { children?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div role="status">
      <Notice
        heading="h1"
        icon={<DoorClosed className="size-6" />}
        title={t('room.deletedTitle')}
        hint={t('room.deletedHint')}
      >
        <Home />
        {children}
      </Notice>
    </div>
  );
}

/** A member is not in it any more, and nobody told them why: where the room is gone, that is the reason. */
export function RoomGone({ slug, onEnter }: { slug: string; onEnter: () => void }) {
  const { state } = useRoomAtTheDoor(slug);
  if (state === 'loading') return null;
  return <VisitOver reason={state === 'missing' ? 'deleted' : 'gone'} onEnter={onEnter} />;
}

/** One was in it, and is no longer. */
export function VisitOver({
  reason,
  onEnter,
  children,
}: {
  /** `gone`: a member's reasons are not told apart. */
  reason: VisitEnd['reason'] | 'gone';
  onEnter: () => void;
  children?: ReactNode;
}) {
  const { t } = useTranslation();
  if (reason === 'deleted') return <RoomDeleted>{children}</RoomDeleted>;
  return (
    <Notice
      heading="h1"
      icon={<DoorClosed className="size-6" />}
      title={t(`room.${reason}Title`)}
      hint={t(`room.${reason}Hint`)}
    >
      <Button onClick={onEnter}>{t('room.again')}</Button>
      {children}
    </Notice>
  );
}

function Home() {
  const { t } = useTranslation();
  return (
    <Link to="/" className={buttonLook('quiet', true)}>
      {t('room.home')}
    </Link>
  );
}
