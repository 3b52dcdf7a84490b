import { useCallback } from 'react';
import { toast } from 'sonner';
import { useTranslation } from '../i18n/useTranslation';
import { copyText } from './copyText';

/** Copies a text and says whether that worked: `done` where it did. */
export const useCopy = (): ((text: string, done: string) => void) => {
  const { t } = useTranslation();
  return useCallback(
    (text, done) => {
      void copyText(text).then((copied) => {
        if (copied) toast(done);
        else toast.error(t('message.copyFailed'));
      });
    },
    [t],
  );
};
