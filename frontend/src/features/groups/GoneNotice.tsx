import type { Id } from '@sori/contract';
import { UserRoundX } from 'lucide-react';
import { useTranslation } from '../../i18n/useTranslation';
import { Link } from 'react-router';
import type { Gone } from '../../store/state';
import { buttonLook } from '../../ui/Button';
import { Notice } from '../../ui/Notice';
import { RejoinButton } from './RejoinButton';

type Props = { conversationId: Id; gone: Pick<Gone, 'name' | 'byOneself'> };

/** One was in it a moment ago. Said calmly, and at once to those who do not see it. */
export function GoneNotice({ conversationId, gone: { name, byOneself } }: Props) {
  const { t } = useTranslation();
  return (
    <div role="status" data-testid="gone-notice">
      <Notice
        heading="h1"
        icon={<UserRoundX className="size-6" />}
        title={name === '' ? t('group.goneTitleNameless') : t('group.goneTitle', { name })}
        hint={t(byOneself ? 'group.leftHint' : 'group.goneHint')}
      >
        {/* Only who left by themselves may come back without being asked. */}
        {byOneself && <RejoinButton groupId={conversationId} />}
        <Link to="/" replace className={buttonLook('quiet')}>
          {t('conversation.toList')}
        </Link>
      </Notice>
    </div>
  );
}
