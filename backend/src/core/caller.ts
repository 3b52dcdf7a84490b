/** Who is asking: always from the session, never from what was sent. Ids are 24 hexadecimal digits. */
export interface Caller {
  userId: string;
  sessionId: string;
}
