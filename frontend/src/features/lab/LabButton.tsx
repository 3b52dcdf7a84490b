import { FlaskConical } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { IconButton } from '../../ui/IconButton';

const LabDrawer = lazy(() => import('./LabDrawer').then((module) => ({ default: module.LabDrawer })));

/** Only where the server runs with SORI_LAB=1: everybody else loads nothing of it. */
export function LabButton() {
  const { t } = useTranslation();
  const [there, setThere] = useState(false);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const asking = new AbortController();
    fetch('/api/lab', { signal: asking.signal })
      .then((answer) => answer.json())
      .then(
        (answer: { lab?: unknown }) => setThere(answer.lab === true),
        // Without an answer there is no lab; nobody misses it.
        () => undefined,
      );
    return () => asking.abort();
  }, []);
  if (!there) return null;
  return (
    <>
      <IconButton label={t('lab.button')} aria-expanded={open} onClick={() => setOpen(!open)}>
        <FlaskConical className="size-4.5" />
      </IconButton>
      <Suspense>{open && <LabDrawer onClose={() => setOpen(false)} />}</Suspense>
    </>
  );
}
