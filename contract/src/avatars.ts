/**
 * Hues all around the circle of OKLCH, 22.5° apart, each as light and as colourful as it can be on a screen while `avatarInk`
 * is read on it (4.6:1).
 */
export const avatarColours = [
  '#D03739',
  '#BC5200',
  '#9F6401',
  '#886F09',
  '#6D7607',
  '#378108',
  '#048254',
  '#037F72',
  '#0C7D87',
  '#13799C',
  '#0274C7',
  '#5264E2',
  '#8257D9',
  '#A349BF',
  '#BD3E9B',
  '#CC366F',
] as const;
export const avatarInk = '#FAF9F6';
