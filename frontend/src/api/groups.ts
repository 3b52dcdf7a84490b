import { anything, type Http, listOf } from '@sori/client';
import { Conversation, Member, type ChangeGroup, type Id, type Role } from '@sori/contract';

const Members = listOf(Member);

/** The calls about groups and their members. */
export const groupCalls = (http: Http) => ({
  /** The same `clientId` again makes no second group. */
  createGroup: async (group: { name: string; memberIds: Id[]; clientId: string }): Promise<Conversation> =>
    (await http({ method: 'POST', path: '/api/conversations', body: group, answer: Conversation })).data,

  changeGroup: async (id: Id, change: ChangeGroup): Promise<Conversation> =>
    (await http({ method: 'PATCH', path: `/api/conversations/${id}`, body: change, answer: Conversation }))
      .data,

  /** Longest-standing first, or those whom the search finds. */
  members: async (
    id: Id,
    query: { search?: string; after?: Id | undefined; limit?: number },
    signal?: AbortSignal,
  ): Promise<Member[]> =>
    (await http({ path: `/api/conversations/${id}/members`, query, answer: Members, signal })).data,

  addMembers: async (id: Id, userIds: Id[]): Promise<Conversation> =>
    (
      await http({
        method: 'POST',
        path: `/api/conversations/${id}/members`,
        body: { userIds },
        answer: Conversation,
      })
    ).data,

  removeMember: async (id: Id, userId: Id): Promise<void> => {
    await http({ method: 'DELETE', path: `/api/conversations/${id}/members/${userId}`, answer: anything });
  },

  changeRole: async (id: Id, userId: Id, role: Role): Promise<void> => {
    await http({
      method: 'PATCH',
      path: `/api/conversations/${id}/members/${userId}`,
      body: { role },
      answer: anything,
    });
  },

  /** For who left by themselves. */
  rejoinGroup: async (id: Id): Promise<Conversation> =>
    (
      await http({
        method: 'POST',
        path: `/api/conversations/${id}/members/me`,
        body: {},
        answer: Conversation,
      })
    ).data,

  leaveGroup: async (id: Id): Promise<void> => {
    await http({ method: 'POST', path: `/api/conversations/${id}/leave`, body: {}, answer: anything });
  },
});
