import type { Entry, Id, Message } from '@sori/contract';

type Reaction = Message['reactions'][number];

/** A message as it is held. `untoldOf`: whether this person is among those who are counted and not named, it does not say. */
export type HeldMessage = Message & { readonly untoldOf?: Id | undefined };

const isWhole = ({ count, userIds }: Reaction): boolean => count === userIds.length;

/** With this person named exactly where `chose` says so, among those who are not all named. */
const withOwn = (message: Message, me: Id, chose: (emoji: string) => boolean): Message => ({
  ...message,
  reactions: message.reactions.map((reaction) => {
    const { emoji, userIds } = reaction;
    if (isWhole(reaction) || userIds.includes(me) === chose(emoji)) return reaction;
    return { ...reaction, userIds: chose(emoji) ? [...userIds, me] : userIds.filter((id) => id !== me) };
  }),
});

/**
 * Where many reacted, what is told to all names only the first. What this person chose themselves is in their own
 * entries; in what others changed it may be missing, and then what was held before says it.
 */
export const ownReactionsReceived = (entries: readonly Entry[], me: Id): Entry[] =>
  entries.map((entry) => {
    if (!('targetSeq' in entry) || entry.target?.reactions.every(isWhole) !== false) return entry;
    const { target } = entry;
    if (entry.kind === 'react' && entry.senderId === me)
      return { ...entry, target: withOwn(target, me, (emoji) => entry.emojis.includes(emoji)) };
    const untold: HeldMessage = { ...target, untoldOf: me };
    return { ...entry, target: untold };
  });

/** A state of a message that replaces the held one: with the person's own reactions from there, where it does not tell them. */
export const keepingOwn = (message: HeldMessage, held: HeldMessage | undefined): HeldMessage => {
  const { untoldOf: me, ...received } = message;
  if (me === undefined || held === undefined) return message;
  const mine = held.reactions.filter(({ userIds }) => userIds.includes(me)).map(({ emoji }) => emoji);
  const known = withOwn(received, me, (emoji) => mine.includes(emoji));
  return held.untoldOf === undefined ? known : { ...known, untoldOf: me };
};
