import type { Conversation } from '@sori/contract';
import { useTranslation } from '../../i18n/useTranslation';
import { Notice } from '../../ui/Notice';
import { Comings } from '../message-list/Comings';
import { RoomPicture } from '../conversations/RoomPicture';
import { useComings } from '../message-list/useComings';

const nothing = [] as const;

/** A room in which nothing was said yet, or nothing is kept. People come and go there nevertheless. */
export function EmptyRoom({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const { below } = useComings(conversation._id, nothing);
  return (
    <div className="flex h-full flex-col justify-end overflow-y-auto pb-4">
      <div className="my-auto">
        <Notice
          picture={<RoomPicture className="size-16" />}
          title={t('room.emptyTitle')}
          hint={t('room.emptyHint')}
        />
      </div>
      <Comings comings={below} />
    </div>
  );
}
