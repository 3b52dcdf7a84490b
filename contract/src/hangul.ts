/**
 * What both searches know of Hangul: the server's for people, and the page's own among those that it has. A syllable's code
 * point is arithmetic of its consonant, vowel and final consonant.
 */

/** The consonants that a syllable may begin with, in their order, as a keyboard types them. */
export const hangulInitials = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ';

const first = '가'.charCodeAt(0);
/** Syllables that begin with one consonant: 21 vowels, with 27 finals or none. */
const perInitial = 21 * 28;

export const isSyllable = (character: string): boolean => character >= '가' && character <= '힣';

/** A consonant alone: in a search it stands for every syllable that begins with it. */
export const isInitial = (character: string): boolean =>
  character !== '' && hangulInitials.includes(character);

/** The consonant that a syllable begins with; anything else stands for itself. */
export const initialOf = (character: string): string =>
  isSyllable(character)
    ? hangulInitials.charAt(Math.floor((character.charCodeAt(0) - first) / perInitial))
    : character;
