/** Who is asking: always from the session, never from what was sent. Ids are 24 hexadecimal digits. */
export interface Caller {
  userId: string;
  sessionId: string;
  /** Set for somebody without an account: the one room in which he is anybody at all, and what he is called there. */
  guest?: { conversationId: string; name: string };
}
