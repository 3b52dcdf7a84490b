import type { Notice } from '@sori/client';
import type { Id, Person } from '@sori/contract';
import type { TFunction } from 'i18next';

/** More names would be a list to study. */
const namedAtMost = 3;

const unique = (ids: readonly Id[]): Id[] => [...new Set(ids)];

const makes = {
  owner: 'notice.makesOwner',
  admin: 'notice.makesAdmin',
  member: 'notice.makesMember',
} as const;
const becomes = {
  owner: 'notice.becomesOwner',
  admin: 'notice.becomesAdmin',
  member: 'notice.becomesMember',
} as const;

/** What a notice says, in whole sentences: Korean particles and English word order do not come from pieces. */
export const noticeWords = (
  t: TFunction,
  notice: Notice,
  { people, me }: { people: Readonly<Record<Id, Person>>; me: Id },
): string => {
  const nameOf = (id: Id): string => people[id]?.fullName ?? t('message.somebody');
  /** As the one who does something. */
  const actorOf = (id: Id): string => (id === me ? t('notice.me') : t('notice.person', { name: nameOf(id) }));
  /** As those to whom it is done. */
  const manyOf = (ids: readonly Id[]): string => {
    // Oneself is never among those who are only counted.
    const ordered = unique(ids).sort((one, other) => Number(other === me) - Number(one === me));
    const named = ordered
      .slice(0, namedAtMost)
      .map((id) => (id === me ? t('notice.toMe') : t('notice.person', { name: nameOf(id) })));
    const more = ordered.length - named.length;
    if (more > 0) return t('notice.more', { names: named.join(', '), count: more });
    const last = named.at(-1) ?? '';
    return named.length < 2 ? last : t('notice.and', { names: named.slice(0, -1).join(', '), last });
  };

  if (notice.kind === 'newer') return t('notice.newer');
  const actor = actorOf(notice.senderId);
  if (notice.kind === 'title') return t('notice.title', { actor, name: notice.name });
  const { userIds, change, role = 'member' } = notice;
  const others = userIds.filter((id) => id !== notice.senderId);
  const whom = manyOf(others);
  switch (change) {
    case 'joined':
      // Whoever makes a group is the first to join it, as its owner.
      if (role === 'owner') return t('notice.created', { actor });
      return t('notice.joined', { actor: actorOf(userIds[0] ?? notice.senderId) });
    case 'left':
      return t('notice.left', { actor: actorOf(userIds[0] ?? notice.senderId) });
    case 'added':
      return t('notice.added', { actor, whom });
    case 'removed':
      return t('notice.removed', { actor, whom });
    case 'role':
      return others.length === 0 ? t(becomes[role], { actor }) : t(makes[role], { actor, whom });
  }
};
