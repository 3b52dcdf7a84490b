import type { Id } from '@sori/contract';
import { SearchX } from 'lucide-react';
import { Link, useNavigate } from 'react-router';
import { useTranslation } from '../../i18n/useTranslation';
import { useAppStore } from '../../session/useAppStore';
import { buttonLook } from '../../ui/Button';
import { Notice } from '../../ui/Notice';
import { GoneNotice } from '../groups/GoneNotice';
import type { RoomParts } from './roomParts';
import { UnsentTexts } from './UnsentTexts';

type Props = { conversationId: Id | null; lane: Id; RoomGone: RoomParts['Gone'] };

/** In place of a conversation that this person does not have: what is known of why, and what they could not send there. */
export function NoThread({ conversationId, lane, RoomGone }: Props) {
  return (
    <main className="grid h-full place-content-center overflow-y-auto">
      <Why conversationId={conversationId} RoomGone={RoomGone} />
      <UnsentTexts lane={lane} />
    </main>
  );
}

function Why({ conversationId, RoomGone }: Omit<Props, 'lane'>) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const gone = useAppStore((state) => state.gone[conversationId ?? '']);
  if (conversationId !== null && gone?.kind === 'group')
    return <GoneNotice groupId={conversationId} name={gone.name} mayRejoin={gone.byOneself} />;
  if (gone?.kind === 'room') {
    const { slug } = gone;
    return <RoomGone slug={slug} onEnter={() => void navigate(`/open/${slug}`, { replace: true })} />;
  }
  return (
    <Notice
      heading="h1"
      icon={<SearchX />}
      title={t('conversation.forbiddenTitle')}
      hint={t('conversation.forbiddenHint')}
    >
      <Link to="/" replace className={buttonLook('quiet')}>
        {t('conversation.toList')}
      </Link>
    </Notice>
  );
}
