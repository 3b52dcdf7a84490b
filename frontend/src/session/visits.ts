import { Person, type EnteredRoom, type RoomPerson } from '@sori/contract';
import { deviceTexts } from '../device/keptTexts';
import { roomAt } from '../navigation/roomAddress';
import { parsedJson } from '../device/json';
import type { Visit } from '../store/state';

/**
 * Who the guest of this browser is, and where. It opens nothing (the cookie does): it lets a page that is opened again
 * show the room at once, and keep the name that the guest has.
 */
const memoryKey = 'sori:guest';

export type RememberedVisit = { me: Person; visit: Visit };

export const rememberedVisit = (): RememberedVisit | null => {
  const value = parsedJson(deviceTexts.read(memoryKey)) as Partial<RememberedVisit> | null | undefined;
  const me = Person.safeParse(value?.me);
  const { slug, conversationId } = value?.visit ?? {};
  return me.success && typeof slug === 'string' && typeof conversationId === 'string'
    ? { me: me.data, visit: { slug, conversationId } }
    : null;
};

export const rememberVisit = (visit: RememberedVisit): void => {
  deviceTexts.write(memoryKey, JSON.stringify(visit));
};

export const forgetVisit = (): void => deviceTexts.remove(memoryKey);

const nicknameKey = 'sori:nickname';

/** What a guest of this browser was called last, as they wished it: offered at the next door. It outlives the visit. */
export const rememberedNickname = (): string => deviceTexts.read(nicknameKey) ?? '';

export const rememberNickname = (name: string): void => {
  deviceTexts.write(nicknameKey, name);
};

/** A guest as the page knows whoever writes: with a name, and with nothing else that an account has. */
export const asPerson = ({ _id, name }: RoomPerson): Person => ({
  _id,
  fullName: name,
  username: '',
  profilePic: '',
});

export const visitOf = ({ _id, slug }: EnteredRoom): Visit => ({ slug, conversationId: _id });

/** Whether the page was opened at that room. */
export const isAt = ({ slug }: Visit): boolean => roomAt(window.location.pathname)?.slug === slug;
