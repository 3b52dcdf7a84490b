import { useTranslation } from '../i18n/useTranslation';
import { Link } from 'react-router';
import { Mark } from './Mark';
import { Notice } from './Notice';
import { buttonLook } from './Button';

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <main className="grid h-full place-items-center">
      <Notice
        heading="h1"
        icon={<Mark className="size-7" />}
        title={t('notFound.title')}
        hint={t('notFound.hint')}
      >
        <Link to="/" className={buttonLook('primary')}>
          {t('notFound.home')}
        </Link>
      </Notice>
    </main>
  );
}
