import { useMemo } from 'react';
import { useTranslation } from '../../i18n/useTranslation';

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** 12 kB, 3.4 MB, as the page's language writes it. */
export const fileSize = (language: string, bytes: number): string => {
  const step = bytes < 1_000 ? 0 : Math.min(3, Math.floor(Math.log10(bytes) / 3));
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: units[step] ?? 'byte',
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: step < 2 ? 0 : 1,
  }).format(bytes / 1_000 ** step);
};

export function useFileSize(): (bytes: number) => string {
  const { language } = useTranslation();
  return useMemo(() => (bytes: number) => fileSize(language, bytes), [language]);
}
