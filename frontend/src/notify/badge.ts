import type { HeldConversation } from '../store/conversation';
import { isMuted } from './rules';

const name = 'Sori';

/** Unread messages of all conversations that are not muted now. */
export const unreadTotal = (conversations: Readonly<Record<string, HeldConversation>>, now: number): number =>
  Object.values(conversations).reduce(
    (total, { conversation }) => total + (isMuted(conversation, now) ? 0 : conversation.unread),
    0,
  );

export const titleFor = (unread: number): string => (unread > 0 ? `(${unread}) ${name}` : name);

/** Title and favicon say how much is unread; at 0 they are as they were. */
export const showBadge = (unread: number): void => {
  const title = titleFor(unread);
  if (document.title !== title) document.title = title;
  const href = unread > 0 ? '/favicon-unread.svg' : '/favicon.svg';
  const icon = document.querySelector<HTMLLinkElement>('link[rel~="icon"]');
  if (icon !== null && icon.getAttribute('href') !== href) icon.setAttribute('href', href);
};
