import { isMembership } from '../../conversation-log/membership.js';
import type { DeliverySubscriber } from '../../conversation-log/stored-entries.js';
import type { GroupAnnouncements } from './group-announcements.js';

/** A change of a group's members or name: how it looks to them now, or that it is gone. */
export const groupSubscriber = ({
  membership,
}: Pick<GroupAnnouncements, 'membership'>): DeliverySubscriber => ({
  name: 'groups',
  delivered(entry, audience) {
    if (isMembership(entry)) membership(entry, audience);
  },
});
