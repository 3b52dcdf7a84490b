import { wayOf } from '../../worker/ways';

const origin = 'https://sori.example';
const files = new Set(['/index.html', '/theme.js', '/assets/index-abc.js']);
const way = (path: string, { mode = 'no-cors', method = 'GET' } = {}) =>
  wayOf({ method, mode, url: new URL(path, origin).href }, origin, files);

describe('what the page asks for', () => {
  it.each(['/', '/login', '/c/0123', '/u/0123', '/open/a.b'])('%s is the page', (path) => {
    expect(way(path, { mode: 'navigate' })).toBe('page');
  });

  it('is kept where it is of the build', () => {
    expect(way('/assets/index-abc.js')).toBe('forEver');
    expect(way('/theme.js')).toBe('file');
  });

  it.each(['/api/auth/me', '/api', '/socket.io/?EIO=4', '/avatars/a.svg', '/healthz'])(
    '%s is never answered from what is kept, also where a person opens it',
    (path) => {
      expect(way(path)).toBeNull();
      expect(way(path, { mode: 'navigate' })).toBeNull();
    },
  );

  it('is left alone where it changes something, or goes elsewhere', () => {
    expect(way('/login', { method: 'POST', mode: 'navigate' })).toBeNull();
    expect(way('https://elsewhere.example/theme.js')).toBeNull();
    expect(way('/not-of-the-build.js')).toBeNull();
  });
});
