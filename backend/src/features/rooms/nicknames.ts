import { isVisibleName, type Language } from '@sori/contract';
import { lookAlikeKey } from './look-alike.js';

/** What people without an account are called. */

const words: Record<Language, { adjectives: readonly string[]; animals: readonly string[]; space: string }> =
  {
    ko: {
      adjectives: (
        '용감한 다정한 느긋한 씩씩한 상냥한 재빠른 졸린 반짝이는 명랑한 포근한 차분한 엉뚱한 신나는 수줍은 든든한 ' +
        '똑똑한 산뜻한 푸른 노란 달콤한 조용한 행복한 귀여운 부지런한 솔직한 너그러운 호기심많은 배고픈 춤추는 노래하는 ' +
        '웃는 꿈꾸는'
      ).split(' '),
      animals: (
        '수달 너구리 고양이 강아지 토끼 다람쥐 펭귄 부엉이 고래 돌고래 거북이 호랑이 사자 여우 판다 코알라 기린 코끼리 ' +
        '참새 두루미 오리 고슴도치 햄스터 알파카 물범 까치 사슴 염소 두더지 나무늘보 미어캣 청설모'
      ).split(' '),
      space: ' ',
    },
    en: {
      adjectives: (
        'Brave Gentle Quiet Sunny Clever Merry Swift Sleepy Jolly Curious Calm Bright Happy Kind Lucky Nimble Polite ' +
        'Proud Shy Silly Steady Tidy Warm Witty Bold Cosy Dapper Eager Fuzzy Golden Humble Lively'
      ).split(' '),
      animals: (
        'Otter Badger Cat Puppy Rabbit Squirrel Penguin Owl Whale Dolphin Turtle Tiger Lion Fox Panda Koala Giraffe ' +
        'Elephant Sparrow Crane Duck Hedgehog Hamster Alpaca Seal Magpie Deer Goat Mole Sloth Meerkat Heron'
      ).split(' '),
      space: ' ',
    },
  };

const nameless: Record<Language, string> = { ko: '익명', en: 'Anonymous' };

/** So many draws before a number is put behind one: with 1,024 names, a room of hundreds still gets fresh ones. */
const draws = 12;

const oneOf = (list: readonly string[], random: () => number): string =>
  list[Math.floor(random() * list.length)] ?? '';

const drawn = (language: Language, random: () => number): string => {
  const { adjectives, animals, space } = words[language];
  return `${oneOf(adjectives, random)}${space}${oneOf(animals, random)}`;
};

/**
 * A nickname as it may be shown: composed, in single spaces, and without anything that cannot be seen. What is empty then
 * is nobody in particular: 익명 or Anonymous.
 */
export function shownNickname(nickname: string, language: Language): string {
  const clean = nickname
    .normalize('NFC')
    .replace(/\p{Z}+/gu, ' ')
    .replace(/[\p{Default_Ignorable_Code_Point}\p{C}]/gu, '')
    .trim();
  return isVisibleName(clean) ? clean : nameless[language];
}

export interface NameWish {
  language: Language;
  /** Undefined for a drawn name. */
  nickname: string | undefined;
  random?: () => number;
}

export interface PossibleName {
  name: string;
  key: string;
}

/**
 * What somebody may be called, in the order in which it is to be tried: the name itself (or some drawn ones), then the
 * same with numbers from 2 on. Without end.
 */
export function* namesFor({
  language,
  nickname,
  random = Math.random,
}: NameWish): Generator<PossibleName, never> {
  const withKey = (name: string): PossibleName => ({ name, key: lookAlikeKey(name) });
  if (nickname === undefined)
    for (let draw = 0; draw < draws; draw += 1) yield withKey(drawn(language, random));
  const name = nickname === undefined ? drawn(language, random) : shownNickname(nickname, language);
  yield withKey(name);
  for (let number = 2; ; number += 1) yield withKey(`${name}${number}`);
}
