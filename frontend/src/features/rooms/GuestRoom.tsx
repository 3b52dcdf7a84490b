import { useMemo } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { Link } from 'react-router';
import { useClient } from '../../session/SocketContext';
import { useAppStore } from '../../session/useAppStore';
import { buttonLook } from '../../ui/Button';
import { ConnectionStrip } from '../connection/ConnectionStrip';
import { useVisibleHeight } from '../../ui/useVisibleHeight';
import { Thread } from '../thread/Thread';
import { RoomDoor } from './RoomDoor';
import { RoomFrame } from './RoomFrame';
import { inRoom } from './roomParts';

/** `/open/:slug` for somebody who is not signed in: the door of the room, and behind it the room and nothing else. */
export function GuestRoom({ slug }: { slug: string }) {
  const { store } = useClient();
  const visit = useAppStore((state) => state.visit);
  const visitEnd = useAppStore((state) => state.visitEnd);
  const conversationId = visit?.slug === slug ? visit.conversationId : null;
  const target = useMemo(() => (conversationId === null ? null : { conversationId }), [conversationId]);
  if (target === null)
    return (
      <RoomDoor
        slug={slug}
        ended={visitEnd?.slug === slug ? visitEnd.reason : null}
        onBack={() => store.getState().visitEndSeen()}
      />
    );
  return <Inside slug={slug} target={target} />;
}

function Inside({ slug, target }: { slug: string; target: { conversationId: string } }) {
  const { t } = useTranslation();
  const name = useAppStore((state) => state.me?.fullName ?? '');
  const state = { from: `/open/${slug}`, sessionEnded: false };
  useVisibleHeight();
  return (
    <div className="flex h-(--visible-height,100dvh) flex-col wide:pr-(--lab-width,0rem)">
      <ConnectionStrip />
      <div className="flex h-9 shrink-0 items-center gap-3 border-b border-hairline bg-rail px-4 text-sm text-muted max-wide:h-11 wide:px-6">
        <p data-testid="guest-name" className="mr-auto truncate">
          {t('room.youAre', { name })}
        </p>
        <Link to="/login" state={state} className={buttonLook('link')}>
          {t('login.submit')}
        </Link>
        <Link to="/signup" state={state} className={buttonLook('link')}>
          {t('room.signup')}
        </Link>
      </div>
      <div className="min-h-0 flex-1">
        <RoomFrame target={target}>
          <Thread target={target} parts={inRoom} />
        </RoomFrame>
      </div>
    </div>
  );
}
