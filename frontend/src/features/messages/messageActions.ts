import type { Conversation, Id } from '@sori/contract';
import { attachmentKind } from '@sori/contract';
import { copiesPictures } from '../attachments/copyPicture';
import type { ThreadRow } from './threadRow';

export type MessageAction =
  | 'reply'
  | 'edit'
  | 'copy'
  | 'copyPicture'
  | 'save'
  | 'pin'
  | 'unpin'
  | 'markUnread'
  | 'seenBy'
  | 'report'
  | 'remove';

/** Who may moderate there. In a direct conversation both may pin, and nobody deletes what the other said. */
const moderates = (conversation: Conversation | null, me: Id): boolean => {
  const role = conversation?.members.find(({ userId }) => userId === me)?.role;
  return role === 'admin' || role === 'owner';
};

/** Of a larger group nobody is told who has read. */
const listsEverybody = ({ members, memberCount }: Conversation): boolean => members.length >= memberCount;

/** Whether one can react to it. */
export const canReact = ({ message }: ThreadRow): boolean =>
  message !== null && message.deletedAt === undefined;

const isPicture = ({ attachments }: ThreadRow): boolean =>
  attachments.every((one) => attachmentKind(one) === 'picture');

/** What one can do with that message, in the order of the menu. */
export const actionsFor = (row: ThreadRow, conversation: Conversation | null, me: Id): MessageAction[] => {
  const { message, mine } = row;
  if (message === null) return row.text === '' ? [] : ['copy'];
  if (message.deletedAt !== undefined) return [];
  const isDirect = conversation === null || conversation.kind === 'direct';
  const isModerator = !isDirect && moderates(conversation, me);
  const all: [MessageAction, boolean][] = [
    ['reply', true],
    ['edit', mine],
    ['copy', row.text !== ''],
    ['copyPicture', row.attachments.length === 1 && copiesPictures() && isPicture(row)],
    ['save', row.attachments.length === 1],
    [message.pinnedAt === undefined ? 'pin' : 'unpin', isDirect || isModerator],
    ['markUnread', !mine],
    ['seenBy', mine && conversation?.kind === 'group' && listsEverybody(conversation)],
    ['report', !mine],
    ['remove', mine || isModerator],
  ];
  return all.flatMap(([action, may]) => (may ? [action] : []));
};
