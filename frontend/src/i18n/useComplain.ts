import { useMemo } from 'react';
import { toApiError } from '@sori/client';
import { useTranslation } from './useTranslation';
import { toast } from 'sonner';
import { errorText } from './errorText';

/** Says what went wrong, unless the person has left meanwhile. */
export function useComplain(): (thrown: unknown) => void {
  const { t } = useTranslation();
  return useMemo(
    () => (thrown) => {
      if (toApiError(thrown).code !== 'ABORTED') toast.error(errorText(t, thrown));
    },
    [t],
  );
}
