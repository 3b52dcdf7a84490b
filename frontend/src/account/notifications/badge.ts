import type { HeldConversation } from '@sori/client';
import { isMuted } from './notificationRules';

const name = 'Sori';

/** Where one conversation has more than is told, so has the total. */
export type UnreadTotal = { readonly unread: number; readonly more: boolean };

/** Unread messages of all conversations that are not muted now. */
export const unreadTotal = (
  conversations: Readonly<Record<string, HeldConversation>>,
  now: number,
): UnreadTotal => {
  let [unread, more] = [0, false];
  for (const { conversation } of Object.values(conversations)) {
    if (isMuted(conversation, now)) continue;
    unread += conversation.unread;
    more ||= conversation.unreadMore === true;
  }
  return { unread, more };
};

export const titleFor = ({ unread, more }: UnreadTotal): string =>
  unread > 0 ? `(${unread}${more ? '+' : ''}) ${name}` : name;

/** Title and favicon say how much is unread; at 0 they are as they were. */
export const showBadge = (total: UnreadTotal): void => {
  const title = titleFor(total);
  if (document.title !== title) document.title = title;
  const href = total.unread > 0 ? '/favicon-unread.svg' : '/favicon.svg';
  const icon = document.querySelector<HTMLLinkElement>('link[rel~="icon"]');
  if (icon !== null && icon.getAttribute('href') !== href) icon.setAttribute('href', href);
};
