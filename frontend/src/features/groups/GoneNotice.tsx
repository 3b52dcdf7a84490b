import type { Id } from '@sori/contract';
import { UserRoundX } from 'lucide-react';
import { useTranslation } from '../../i18n/useTranslation';
import { Link } from 'react-router';
import { buttonLook } from '../../ui/Button';
import { Notice } from '../../ui/Notice';
import { RejoinButton } from './RejoinButton';

type Props = {
  groupId: Id;
  name: string;
  /** Only who left by themselves may come back without being asked. */
  mayRejoin: boolean;
};

/** One was in it a moment ago. Said calmly, and at once to those who do not see it. */
export function GoneNotice({ groupId, name, mayRejoin }: Props) {
  const { t } = useTranslation();
  return (
    <div role="status" data-testid="gone-notice">
      <Notice
        heading="h1"
        icon={<UserRoundX className="size-6" />}
        title={name === '' ? t('group.goneTitleNameless') : t('group.goneTitle', { name })}
        hint={t(mayRejoin ? 'group.leftHint' : 'group.goneHint')}
      >
        {mayRejoin && <RejoinButton groupId={groupId} />}
        <Link to="/" replace className={buttonLook('quiet')}>
          {t('conversation.toList')}
        </Link>
      </Notice>
    </div>
  );
}
