import { codePoints, isStorable, isUsername, isVisibleName, limits, utf8Bytes } from '@sori/contract';

/** What is wrong with a field, before the server is asked. The same rules as the contract's, told one at a time. */
export type Fault =
  | 'required'
  | 'fullNameVisible'
  | 'fullNameLong'
  | 'usernameLength'
  | 'usernameLetters'
  | 'usernameTaken'
  | 'passwordShort'
  | 'passwordLong'
  | 'passwordOdd'
  | 'passwordsDiffer';

export const fullNameFault = (typed: string): Fault | null => {
  const name = typed.trim().normalize('NFC');
  if (name === '') return 'required';
  if (!isVisibleName(name)) return 'fullNameVisible';
  return codePoints(name) > limits.fullNameMax ? 'fullNameLong' : null;
};

export const usernameFault = (typed: string): Fault | null => {
  const name = typed.trim().normalize('NFKC');
  if (name === '') return 'required';
  if (!isUsername(name)) return 'usernameLetters';
  const length = codePoints(name);
  return length < limits.usernameMin || length > limits.usernameMax ? 'usernameLength' : null;
};

export const passwordFault = (typed: string): Fault | null => {
  const password = typed.normalize('NFC');
  if (password === '') return 'required';
  if (!isStorable(password)) return 'passwordOdd';
  if (codePoints(password) < limits.passwordMinCharacters) return 'passwordShort';
  return utf8Bytes(password) > limits.passwordMaxBytes ? 'passwordLong' : null;
};

/** Whether the two are one password, however each was composed: one may be typed and the other pasted. */
export const samePassword = (one: string, other: string): boolean =>
  one.normalize('NFC') === other.normalize('NFC');
