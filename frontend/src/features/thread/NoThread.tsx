import type { Id } from '@sori/contract';
import { SearchX } from 'lucide-react';
import { Link } from 'react-router';
import { useTranslation } from '../../i18n/useTranslation';
import { useAppStore } from '../../session/useAppStore';
import { buttonLook } from '../../ui/Button';
import { Notice } from '../../ui/Notice';
import type { ThreadParts } from './threadParts';
import { UnsentTexts } from './UnsentTexts';

type Props = { conversationId: Id | null; lane: Id; parts: ThreadParts };

/** In place of a conversation that this person does not have: what is known of why, and what they could not send there. */
export function NoThread({ conversationId, lane, parts }: Props) {
  return (
    <main className="grid h-full place-content-center overflow-y-auto">
      <Why conversationId={conversationId} parts={parts} />
      <UnsentTexts lane={lane} />
    </main>
  );
}

function Why({ conversationId, parts: { group, room } }: Omit<Props, 'lane'>) {
  const { t } = useTranslation();
  const gone = useAppStore((state) => state.gone[conversationId ?? '']);
  if (conversationId !== null && gone?.kind === 'group' && group !== undefined)
    return <group.Gone conversationId={conversationId} gone={gone} />;
  if (conversationId !== null && gone?.kind === 'room')
    return <room.Gone conversationId={conversationId} gone={gone} />;
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
