import { UserRoundX } from 'lucide-react';
import { useTranslation } from '../../i18n/useTranslation';
import { Link } from 'react-router';
import { buttonLook } from '../../ui/Button';
import { Notice } from '../../ui/Notice';

/** One was in it a moment ago. Said calmly, and at once to those who do not see it. */
export function GoneNotice({ name }: { name: string }) {
  const { t } = useTranslation();
  return (
    <div role="status" data-testid="gone-notice">
      <Notice
        heading="h1"
        icon={<UserRoundX className="size-6" />}
        title={name === '' ? t('group.goneTitleNameless') : t('group.goneTitle', { name })}
        hint={t('group.goneHint')}
      >
        <Link to="/" replace className={buttonLook('quiet', true)}>
          {t('conversation.toList')}
        </Link>
      </Notice>
    </div>
  );
}
