import { Users } from 'lucide-react';
import { useTranslation } from '../../i18n/useTranslation';
import { useAppStore } from '../../session/useAppStore';
import { IconButton } from '../../ui/IconButton';
import { useWide } from '../../ui/useMedia';
import type { Target } from '../conversations/target';
import type { ConversationRow } from '../conversations/conversationRows';
import { Back } from '../thread/ThreadHeader';
import { useTyping } from '../composer/useTyping';
import { TypingDots, whoTypes } from '../conversations/WhoTypes';
import { useHerePane } from './RoomFrame';
import { RoomMenu } from './RoomMenu';
import { RoomPicture } from '../conversations/RoomPicture';

/** Which room, how many are in it, and the way to see who. */
export function RoomHeader({ target, row }: { target: Target; row: ConversationRow }) {
  const { t } = useTranslation();
  const wide = useWide();
  const isGuest = useAppStore((state) => state.visit !== null);
  const typists = useTyping(target).people;
  const pane = useHerePane();
  const count = useAppStore((state) => state.rooms[row.id]?.here?.length ?? null);
  return (
    <header className="flex h-15 shrink-0 items-center gap-3 border-b border-hairline px-4 max-wide:px-3 wide:px-6">
      {!wide && !isGuest && (
        <span className="-ml-2">
          <Back />
        </span>
      )}
      <RoomPicture className="size-9" />
      <div className="min-w-0 flex-1">
        <h1 className="truncate leading-5 font-semibold">
          <bdi>{row.name}</bdi>
        </h1>
        {typists.length > 0 ? (
          <p className="flex items-center gap-1.5 text-sm text-jjok">
            <TypingDots />
            <span className="truncate">{whoTypes(t, typists)}</span>
          </p>
        ) : (
          <p className="flex h-4.5 items-center gap-1.5 truncate text-sm text-muted">
            {count !== null && (
              <>
                <span aria-hidden="true" className="size-1.75 rounded-full bg-present" />
                <span>{t('room.here', { count })}</span>
              </>
            )}
          </p>
        )}
      </div>
      {pane !== null && (
        <IconButton
          label={t(pane.open ? 'room.hereHide' : 'room.hereShow')}
          aria-pressed={pane.open}
          data-testid="room-here-toggle"
          onClick={pane.toggle}
          className="aria-pressed:bg-sunken"
        >
          <Users className="size-5" />
        </IconButton>
      )}
      <RoomMenu row={row} target={target} />
    </header>
  );
}
