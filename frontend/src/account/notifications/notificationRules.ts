import type { Conversation, Id, Message } from '@sori/contract';

export type Arrival = {
  message: Pick<Message, 'senderId' | 'receiverId' | 'conversationId' | 'deletedAt'>;
  /** Undefined for one that is new to this page: it is not muted then. */
  conversation: Pick<Conversation, 'mutedUntil'> | undefined;
  me: Id;
  /** The conversation that somebody is looking at now, in whichever tab; or the person, where none with them is known. */
  inFocus: Id | null;
  now: number;
};

export const isMuted = (conversation: Pick<Conversation, 'mutedUntil'>, now: number): boolean =>
  conversation.mutedUntil !== null && Date.parse(conversation.mutedUntil) > now;

/** Whether a message that was told live may make a sound. History and catch-up are never asked about. */
export const mayRing = ({ message, conversation, me, inFocus, now }: Arrival): boolean =>
  message.senderId !== me &&
  message.deletedAt === undefined &&
  message.conversationId !== inFocus &&
  !(message.receiverId === me && message.senderId === inFocus) &&
  (conversation === undefined || !isMuted(conversation, now));

/** Whether it may shake: said live by somebody else, to this person alone. Whoever looks at it may well see it shake. */
export const mayShake = ({ message, conversation, me, now }: Omit<Arrival, 'inFocus'>): boolean =>
  message.senderId !== me &&
  message.receiverId !== undefined &&
  message.deletedAt === undefined &&
  (conversation === undefined || !isMuted(conversation, now));
