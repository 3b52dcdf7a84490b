/**
 * Korean particles depend on whether the word before them ends in a consonant. For Hangul that is arithmetic; for the
 * rest it is how a Korean would read the last character aloud.
 */

const hangulBase = 0xac00;
const finals = 28;
const rieul = 8;

// 영 일 삼 육 칠 팔 end in a consonant, 이 사 오 구 do not; 일 칠 팔 end in ㄹ.
const digitFinals: Record<string, number> = { '0': 21, '1': rieul, '3': 16, '6': 1, '7': rieul, '8': rieul };
// 엘 and 알 end in ㄹ, 엠 in ㅁ, 엔 in ㄴ.
const letterFinals: Record<string, number> = { l: rieul, m: 16, n: 4 };

/** The number of the final consonant, 0 where there is none; ㄹ is 8. */
const finalOf = (word: string): number => {
  const last = Array.from(word.normalize('NFC').toLowerCase()).findLast((character) =>
    /[\p{L}\p{N}]/u.test(character),
  );
  if (last === undefined) return 0;
  const syllable = (last.codePointAt(0) ?? 0) - hangulBase;
  if (syllable >= 0 && syllable < 11_172) return syllable % finals;
  return digitFinals[last] ?? letterFinals[last] ?? 0;
};

const pairs = {
  은는: ['은', '는'],
  이가: ['이', '가'],
  을를: ['을', '를'],
  과와: ['과', '와'],
  이라는라는: ['이라는', '라는'],
  으로로: ['으로', '로'],
} as const;

export type Particle = keyof typeof pairs;
export const particles = Object.keys(pairs) as Particle[];

/** The form of the particle that goes after this word, without the word. */
export const particleFor = (word: string, particle: Particle): string => {
  const final = finalOf(word);
  const [afterConsonant, afterVowel] = pairs[particle];
  if (particle === '으로로' && final === rieul) return afterVowel;
  return final === 0 ? afterVowel : afterConsonant;
};
