import type { Conversation, Person } from '@sori/contract';
import type { Model } from 'mongoose';
import { type Audience, isIn } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { notFound } from '../../core/errors.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { Emitter } from '../../realtime/emitter.js';
import { type Audiences, createAudiences, manages } from '../members/audiences.js';
import { createContacts } from './contacts.js';
import { createList } from './conversation-list.js';
import { createView } from './conversation-view.js';
import { createEntriesAfter } from './entries-after.js';
import { createHeadsOf } from './heads-of.js';
import { createMarks } from '../read-state/unread-marks.js';
import type { MemberRow } from '../members/members.model.js';
import { createMemberships } from '../members/memberships.js';
import { createOwnState } from '../read-state/own-state.js';
import { createPositions } from '../read-state/positions.js';
import { createReceipts, type ReceiptsDeps } from '../read-state/receipts.js';
import { createRoomMembers } from '../members/room-members.js';
import { createTargets } from './targets.js';
import { createConversationAnnouncements } from './conversation-announcements.js';
import { createOwnChanges } from './own-changes.js';

export interface ConversationsDeps {
  log: ConversationLog;
  members: Model<MemberRow>;
  /** The same rows, for reading many at once. */
  memberReads: Model<MemberRow>;
  /** And for sweeping. */
  membersUpkeep: Model<MemberRow>;
  people: (ids: readonly string[]) => Promise<Map<string, Person>>;
  personExists: (id: string) => Promise<boolean>;
  /** Those among these people who exchange receipts. */
  withReceipts: ReceiptsDeps['withReceipts'];
  relationsOf: ReceiptsDeps['relationsOf'];
  seenBy: ReceiptsDeps['seenBy'];
  /** Two people come to share a conversation in the eyes of both. */
  meet: (a: string, b: string) => void;
  emit: Pick<Emitter, 'toPeople'>;
  /** The same to the sockets of this server alone. */
  emitHere: Pick<Emitter, 'toPeople' | 'hasSocket'>;
  /** Where there are several: who is in a room is known to all at once. */
  otherServers: Pick<Audiences, 'roomChanged' | 'forgetRoom'>;
  /** False while what those publish is not heard; undefined where there are none. */
  hearsOthers: (() => boolean) | undefined;
  /** A person's own devices could not be notified of something; they see it when they ask next. */
  onEmitFailed: (error: unknown) => void;
  now: () => number;
}

export type Conversations = ReturnType<typeof createConversations>;

type Known = ConversationsDeps['otherServers'];

const onAll = (here: Known, others: Known): Known => ({
  roomChanged(change) {
    here.roomChanged(change);
    others.roomChanged(change);
  },
  forgetRoom(conversationId) {
    here.forgetRoom(conversationId);
    others.forgetRoom(conversationId);
  },
});

/** Who is in which conversation, what they see of it, and what they have read. */
export function createConversations(deps: ConversationsDeps) {
  const { log, members, people, personExists, meet, emit, emitHere, onEmitFailed, now } = deps;
  const memberships = createMemberships({ log, members });
  const audiences = createAudiences({ log, members, hearsOthers: deps.hearsOthers, now });
  const targets = createTargets({ log, memberships, audiences, personExists, now });
  const receipts = createReceipts(deps);
  const marks = createMarks({ log, members });
  const own = createOwnState({ log, members, memberReads: deps.memberReads });
  const announcements = createConversationAnnouncements({
    log,
    audiences,
    marks,
    get,
    meet,
    emit,
    emitHere,
    onEmitFailed,
  });
  const view = createView({
    log,
    members: deps.memberReads,
    people,
    marksOf: (userId, states) => marks.holding(userId, states),
    receipts,
    now,
  });
  const list = createList({
    log,
    memberships,
    view,
    concerns(conversationId, userId) {
      const audience = audiences.known(conversationId);
      return audience === undefined || isIn(audience, userId);
    },
  });
  const contacts = createContacts({ log, members: deps.memberReads, memberships });
  const positions = createPositions({
    log,
    members,
    memberReads: deps.memberReads,
    audienceFor: ({ userId }, id) => audiences.forMember(userId, id),
    rowOf: async (caller, id) => (await memberships.get(caller, id)).row,
    joinedIdsOf: (userId) => memberships.joinedIdsOf(userId),
    receipts,
    emit,
    markCleared: (userId, conversationId) =>
      void announcements.emitToOwn(userId, conversationId).catch(onEmitFailed),
  });
  const roomMembers = createRoomMembers({
    log,
    members,
    membersUpkeep: deps.membersUpkeep,
    audiences: onAll(audiences, deps.otherServers),
    now,
  });
  async function get(caller: Pick<Caller, 'userId'>, id: string): Promise<Conversation> {
    const [conversation] = await view(caller.userId, [await memberships.get(caller, id)]);
    if (!conversation) throw notFound();
    return conversation;
  }

  return {
    ...targets,
    audienceOf: audiences.audienceOf,
    memberOf: (userId: string, conversationId: string) => audiences.forMember(userId, conversationId),
    rightsOf: (...args: Parameters<Audiences['rightsOf']>) => audiences.rightsOf(...args),
    audiences,
    learnDirect: audiences.learnDirect,

    /** Whether this person may pin and delete what others wrote: the owners and admins of a group or a room. */
    async manages(audience: Audience, userId: string): Promise<boolean> {
      if (audience.kind !== 'room') return manages(audience, userId);
      const role = await roomMembers.roleIn(audience.conversationId, userId);
      return role === 'owner' || role === 'admin';
    },
    isOvertaken: audiences.isOvertaken,
    get,
    ...announcements,
    ...list,
    changedSince: (userId: string, since: Date, most: number) => own.changedSince(userId, since, most),
    headsOf: createHeadsOf({ log, members: deps.memberReads }),
    ...contacts,
    ...roomMembers,
    entriesAfter: createEntriesAfter({ log, memberships, audiences }),
    setRead: positions.setRead,
    setDelivered: positions.setDelivered,
    readAll: (caller: Caller): Promise<void> => positions.readAll(caller),
    ...createOwnChanges({
      log,
      audiences,
      memberships,
      marks,
      own,
      get,
      emitToOwn: announcements.emitToOwn,
      now,
    }),
  };
}
