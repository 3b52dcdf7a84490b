import type { Conversation } from '@sori/contract';
import type { TFunction } from 'i18next';

export const lobbySlug = 'lobby';

/** The lobby is Sori's own and speaks the page's language; other rooms are called what their owners call them. */
export const roomName = (t: TFunction, { slug, name }: Pick<Conversation, 'slug' | 'name'>): string =>
  slug === lobbySlug ? t('room.lobby') : (name ?? '');
