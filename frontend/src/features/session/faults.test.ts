import { cameFrom } from './cameFrom';
import { fullNameFault, passwordFault, usernameFault } from './faults';

describe('somebody who signs up is told', () => {
  it('what is wrong with a user name', () => {
    expect(usernameFault('민지')).toBeNull();
    expect(usernameFault('a')).toBe('usernameLength');
    expect(usernameFault('with space')).toBe('usernameLetters');
    expect(usernameFault('pаul')).toBe('usernameLetters');
    expect(usernameFault('')).toBe('required');
    expect(usernameFault(' ')).toBe('required');
    expect(usernameFault(' minji\u3000')).toBeNull();
  });

  it('what is wrong with a name', () => {
    expect(fullNameFault('김 민지')).toBeNull();
    expect(fullNameFault('   ')).toBe('required');
    expect(fullNameFault('a\u202Eb')).toBe('fullNameVisible');
    expect(fullNameFault('김'.repeat(51))).toBe('fullNameLong');
  });

  it('what is wrong with a password, counted in bytes where that matters', () => {
    expect(passwordFault('12345678')).toBeNull();
    expect(passwordFault('1234567')).toBe('passwordShort');
    expect(passwordFault('가'.repeat(24))).toBeNull();
    expect(passwordFault('가'.repeat(25))).toBe('passwordLong');
    expect(passwordFault('각'.repeat(24).normalize('NFD'))).toBeNull();
    expect(passwordFault('가나다라'.normalize('NFD'))).toBe('passwordShort');
  });
});

describe('after logging in', () => {
  it('one is led back, but never to somewhere else', () => {
    expect(cameFrom({ from: '/c/1' }).from).toBe('/c/1');
    expect(cameFrom({ from: '//evil.example' }).from).toBe('/');
    expect(cameFrom({ from: '/\\evil.example' }).from).toBe('/');
    expect(cameFrom({ from: 'https://evil.example' }).from).toBe('/');
    expect(cameFrom(null).from).toBe('/');
  });
});
