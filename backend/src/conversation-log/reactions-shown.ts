import { limits, type Reaction } from '@sori/contract';
import { eachRegister, type Registers, userIdBytes } from './reaction-registers.js';

/** What was shown of a stored list, by viewer: many are shown the same, and in a page the same many times. */
const cache = new WeakMap<Uint8Array, Map<string, Reaction[]>>();

/**
 * Kinds in the order in which they were first chosen, as far as that is still known: whoever chooses again comes last. All
 * people are counted and the first ones named, so that what is shown stays small however many they are.
 * @param viewerId named behind them, where they reacted too.
 */
export function reactionsShown(registers: Registers, viewerId?: string): Reaction[] {
  if (!ArrayBuffer.isView(registers)) return listReactions(registers, viewerId);
  let byViewer = cache.get(registers);
  if (!byViewer) {
    byViewer = new Map();
    cache.set(registers, byViewer);
  }
  const key = viewerId ?? '';
  const before = byViewer.get(key);
  if (before) return before;
  const reactions = listReactions(registers, viewerId);
  byViewer.set(key, reactions);
  return reactions;
}

function listReactions(registers: Registers, viewerId?: string): Reaction[] {
  const viewer = viewerId === undefined ? undefined : userIdBytes(viewerId);
  const byEmoji = new Map<string, Reaction>();
  eachRegister(registers, (register) => {
    const isViewer = viewer !== undefined && register.isBy(viewer);
    for (const emoji of register.emojis) {
      let reaction = byEmoji.get(emoji);
      if (!reaction) {
        reaction = { emoji, count: 0, userIds: [] };
        byEmoji.set(emoji, reaction);
      }
      reaction.count += 1;
      if (reaction.count <= limits.reactorsShown || isViewer) reaction.userIds.push(register.userId());
    }
  });
  return [...byEmoji.values()];
}
