import type { Id } from '@sori/contract';
import { useMemo, useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useParams } from 'react-router';
import { useAppStore } from '../../session/useAppStore';
import { Skeleton } from '../../ui/Skeleton';
import { MessageSkeleton } from '../message-list/MessageSkeleton';
import { Thread } from '../thread/Thread';
import { UnsentTexts } from '../thread/UnsentTexts';
import { RoomFrame } from './RoomFrame';
import { RoomGone, RoomRefused } from './RoomNotices';
import { inRoom } from './roomParts';
import { useEntry } from './useRoom';

/** `/open/:slug` for somebody who is signed in: the room, beside their conversations. */
export function RoomPane() {
  const { slug = '' } = useParams();
  return <Room key={slug} slug={slug} />;
}

function Room({ slug }: { slug: string }) {
  const { t } = useTranslation();
  const { conversationId, error, again } = useEntry(slug);
  const target = useMemo(() => (conversationId === null ? null : { conversationId }), [conversationId]);
  const isHere = useAppStore((state) => state.conversations[conversationId ?? ''] !== undefined);
  // Entered, described, and then gone: somebody sent this person out, or they left in another window.
  const [wasIn, setWasIn] = useState<Id | null>(null);
  if (isHere && wasIn !== conversationId) setWasIn(conversationId);

  if (wasIn !== null && !isHere)
    return (
      <main className="grid h-full place-content-center overflow-y-auto">
        <RoomGone
          slug={slug}
          onEnter={() => {
            setWasIn(null);
            again();
          }}
        />
        <UnsentTexts lane={wasIn} />
      </main>
    );
  if (target !== null)
    return (
      <RoomFrame target={target}>
        <Thread target={target} parts={inRoom} />
      </RoomFrame>
    );
  return (
    <main className="grid h-full place-items-center">
      {error === null ? (
        <div className="h-full w-full">
          <Skeleton label={t('room.loading')}>
            <MessageSkeleton />
          </Skeleton>
        </div>
      ) : (
        <RoomRefused error={error} again={again} />
      )}
    </main>
  );
}
