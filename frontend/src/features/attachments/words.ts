import { attachmentWords, type Attachment } from '@sori/contract';
import type { Language } from '../../i18n';

type Said = { readonly text: string; readonly attachments: readonly Attachment[] };

/** What it says where only words fit: its text, else what its files are. */
export const wordsOf = ({ text, attachments }: Said, language: string): string =>
  text === '' ? attachmentWords(attachments, language as Language) : text;
