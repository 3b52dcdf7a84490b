/** Who is asking: always from the session, never from what was sent. Ids are 24 hexadecimal digits. */
export interface Caller {
  userId: string;
  sessionId: string;
  /** Set for somebody without an account: the one room in which they are anybody at all, and what they are called there. */
  guest?: { conversationId: string; name: string };
}
