import { knownCode, passes } from './api-error.js';

describe('a code that only a newer server knows', () => {
  it.each([
    [400, 'NEWER'],
    [401, 'UNAUTHENTICATED'],
    [418, 'NEWER'],
    [429, 'RATE_LIMITED'],
    [500, 'UNAVAILABLE'],
    [507, 'UNAVAILABLE'],
  ])('means what the status %i says', (status, code) => {
    expect(knownCode('ELSEWHERE', { status })).toBe(code);
  });

  it('is final over the socket, unless the server says when to try again', () => {
    expect(passes({ code: knownCode('ELSEWHERE', {}) })).toBe(false);
    expect(passes({ code: knownCode('ELSEWHERE', { retryAfterMs: 100 }) })).toBe(true);
  });

  it('changes nothing for those that are known', () => {
    expect(knownCode('BUSY', { status: 418 })).toBe('BUSY');
    expect(knownCode('REFUSED', { retryAfterMs: 100 })).toBe('REFUSED');
  });
});
