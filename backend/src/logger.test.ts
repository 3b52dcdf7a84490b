import { createLogger } from './logger.js';

describe('the log', () => {
  const logged = (details: object): string => {
    let text = '';
    createLogger('info', { write: (line: string) => void (text += line) }).info(
      details,
      'something happened',
    );
    return text;
  };

  it.each([
    ['a password that somebody sent', { body: { password: 'SECRET', confirmPassword: 'SECRET' } }],
    ['what somebody wrote', { req: { body: { message: 'SECRET' } } }],
    [
      'the cookie of a session',
      { req: { headers: { cookie: 'jwt=SECRET', authorization: 'Bearer SECRET' } } },
    ],
    ['a cookie that is given out', { res: { headers: { 'set-cookie': ['jwt=SECRET'] } } }],
    ['the secret that signs sessions', { config: { jwtSecret: 'SECRET' } }],
    ['the code that makes an admin', { adminCode: 'SECRET' }],
  ])('hides %s', (_what, details) => {
    expect(logged(details)).not.toContain('SECRET');
    expect(logged(details)).toContain('something happened');
  });

  it('shows an error’s name and stack, and none of the data that it carries', () => {
    // MongoDB's carry the documents that could not be written.
    const error = Object.assign(new Error('E11000 duplicate key'), {
      writeErrors: [{ err: { op: { message: 'SECRET' } } }],
      cause: Object.assign(new Error('the cause'), { op: { message: 'SECRET' } }),
    });
    for (const details of [{ err: error }, error]) {
      expect(logged(details)).not.toContain('SECRET');
      expect(logged(details)).toMatch(/E11000 duplicate key[^]*logger\.test/);
    }
  });

  it('keeps what helps to find a fault', () => {
    expect(
      logged({ req: { method: 'POST', url: '/api/auth/login', headers: { host: 'chat.example' } } }),
    ).toContain('/api/auth/login');
  });
});
