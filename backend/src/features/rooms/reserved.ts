import { refused } from '../../core/errors.js';
import { lookAlikeKey } from './look-alike.js';

/** Names that speak for the place itself. Nobody without an account may be called so; who has one answers for it. */
const words = ['관리자', '운영자', '시스템', 'Admin', 'Administrator', 'System', 'Sori'];

/** Digits and signs that are read as letters within a word, whatever they are beside one. */
const readAs: Record<string, string> = {
  '4': 'a',
  '@': 'a',
  '3': 'e',
  '€': 'e',
  '!': 'i',
  '5': 's',
  $: 's',
  '7': 't',
  '+': 't',
};

// One such word, or several in a row, as somebody would be addressed.
const isWords = new RegExp(`^(?:${words.map(lookAlikeKey).join('|')})+님?$`, 'u');

const around = /^[\p{N}\p{S}\p{P}\p{Z}]+|[\p{N}\p{S}\p{P}\p{Z}]+$/gu;

/** Whether a reader would take this name for one of those: as it is, without what stands around or between, or respelled. */
export function isReserved(name: string): boolean {
  const plain = name.normalize('NFKC');
  const spelled = Array.from(plain, (sign) => readAs[sign] ?? sign).join('');
  return [name, plain.replace(around, ''), spelled, spelled.replace(around, '')].some((reading) =>
    isWords.test(lookAlikeKey(reading).replace(/\p{S}/gu, '')),
  );
}

/** @throws AppError "REFUSED" */
export function refuseReserved(name: string | undefined): void {
  if (name !== undefined && isReserved(name))
    throw refused('reservedName', 'This name is reserved. Please choose another one');
}
