import type { Notice as GroupNotice } from '@sori/client';
import type { Conversation } from '@sori/contract';
import { useTranslation } from '../../i18n/useTranslation';
import { Notice } from '../../ui/Notice';
import { GroupPicture } from '../conversations/GroupPicture';
import { NoticeLines } from '../notices/NoticeLines';
import { useNoticesShown } from '../notices/noticesShown';

type Props = { conversation: Conversation; notices: readonly GroupNotice[] };

/** Nothing was said yet, or nothing that this person may read. */
export function EmptyGroup({ conversation, notices }: Props) {
  const { t } = useTranslation();
  const shown = useNoticesShown();
  const name = conversation.name ?? '';
  return (
    <div className="flex h-full flex-col overflow-y-auto">
      <div className="my-auto">
        <Notice
          picture={<GroupPicture id={conversation._id} name={name} className="size-16 text-2xl" />}
          title={t('group.emptyTitle')}
          hint={t('group.emptyHint', { name })}
        />
      </div>
      {shown && (
        <div className="pb-4">
          <NoticeLines notices={notices} />
        </div>
      )}
    </div>
  );
}
