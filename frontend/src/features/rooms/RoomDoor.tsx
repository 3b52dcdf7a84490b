import { toApiError } from '@sori/client';
import { codePoints, limits, type Room } from '@sori/contract';
import { useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { Link } from 'react-router';
import { errorText } from '../../i18n/errorText';
import { rememberedNickname } from '../../session/visits';
import { useClient } from '../../session/SocketContext';
import type { VisitEnd } from '../../store/state';
import { Button } from '../../ui/Button';
import { SkeletonPart, Skeleton } from '../../ui/Skeleton';
import { Space } from '../../ui/Space';
import { TextField } from '../../ui/TextField';
import { AuthFrame } from '../session/AuthPage';
import { FormAlert } from '../../ui/FormAlert';
import { isKeptOut, RoomRefused, VisitOver } from './RoomNotices';
import { roomName } from '../conversations/roomName';
import { RoomPicture } from '../conversations/RoomPicture';
import { isMissing, useRoomAtTheDoor } from './useRoom';

type Props = {
  slug: string;
  /** How the last visit here ended, if it was in this window. */
  ended: VisitEnd['reason'] | null;
  /** Whoever saw that wants to go in again. */
  onBack: () => void;
};

/** Where a stranger stands before going in: which room it is, and one field for a name, which may stay empty. */
export function RoomDoor({ slug, ended, onBack }: Props) {
  const { t } = useTranslation();
  const { state, room, error, again } = useRoomAtTheDoor(slug);
  const from = { from: `/open/${slug}`, sessionEnded: false };
  if (ended !== null)
    return (
      <main className="grid h-full place-items-center">
        <VisitOver reason={ended} onEnter={onBack} />
      </main>
    );
  if (state === 'missing' || state === 'failed')
    return (
      <main className="grid h-full place-items-center">
        <RoomRefused error={error} again={again} />
      </main>
    );
  return (
    <AuthFrame
      below={
        <>
          <span>{t('room.hasAccount')}</span>
          <Space />
          <Link to="/login" state={from} className="font-semibold text-jjok hover:underline">
            {t('login.submit')}
          </Link>
          <span> · </span>
          <Link to="/signup" state={from} className="font-semibold text-jjok hover:underline">
            {t('signup.submit')}
          </Link>
        </>
      }
    >
      {room === null ? (
        <Skeleton label={t('room.loading')}>
          <div className="grid gap-4">
            <div className="flex items-center gap-3.5">
              <SkeletonPart className="size-12" />
              <SkeletonPart className="h-5 w-40" />
            </div>
            <SkeletonPart round="rounded-xl" className="h-11" />
            <SkeletonPart round="rounded-xl" className="h-11" />
          </div>
        </Skeleton>
      ) : (
        <Door room={room} slug={slug} />
      )}
    </AuthFrame>
  );
}

function Door({ room, slug }: { room: Room; slug: string }) {
  const { t } = useTranslation();
  const { enterRoom } = useClient();
  const [nickname, setNickname] = useState(rememberedNickname);
  const [entering, setEntering] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);

  const enter = async () => {
    setEntering(true);
    setFailure(null);
    try {
      // Nothing written: a friendly name is drawn, in the page's language.
      await enterRoom(slug, nickname.trim() === '' ? undefined : nickname);
    } catch (thrown) {
      setFailure(thrown);
      setEntering(false);
    }
  };
  const refused = failure === null ? null : toApiError(failure);
  if (refused !== null && (isKeptOut(refused) || isMissing(refused)))
    return <RoomRefused error={refused} again={() => setFailure(null)} />;
  return (
    <form
      data-testid="enter-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!entering) void enter();
      }}
    >
      <div className="mb-6 flex items-center gap-3.5">
        <RoomPicture className="size-12" />
        <div className="min-w-0">
          <h1 className="text-xl font-bold tracking-tight wrap-anywhere">
            <bdi>{roomName(t, room)}</bdi>
          </h1>
          <p className="mt-0.5 flex items-center gap-1.5 text-sm text-muted">
            <span aria-hidden="true" className="size-1.75 rounded-full bg-present" />
            <span>{t('room.here', { count: room.memberCount })}</span>
          </p>
        </div>
      </div>
      <FormAlert text={failure === null ? undefined : errorText(t, failure)} />
      <div className="grid gap-4">
        <TextField
          label={t('room.nickname')}
          hint={t('room.nicknameHint')}
          name="nickname"
          autoComplete="nickname"
          autoFocus
          value={nickname}
          onChange={(event) => {
            if (codePoints(event.target.value) <= limits.nicknameMax) setNickname(event.target.value);
          }}
        />
        <Button type="submit" disabled={entering}>
          {t(entering ? 'room.entering' : 'room.enter')}
        </Button>
      </div>
    </form>
  );
}
