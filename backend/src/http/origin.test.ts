import type { IncomingHttpHeaders } from 'node:http';
import { originAllowed } from './origin.js';

const allowed = (headers: IncomingHttpHeaders, trustProxyHops = 0): boolean =>
  originAllowed(
    { headers },
    { allowedOrigins: ['https://friend.example', 'http://localhost:5173'], trustProxyHops },
  );

describe('who may change something', () => {
  it.each([
    ['our own page', { host: 'chat.example:5000', origin: 'http://chat.example:5000' }],
    ['our own page behind a proxy that ends TLS', { host: 'chat.example', origin: 'https://chat.example' }],
    ['our own page, its port written out', { host: 'chat.example:443', origin: 'https://chat.example' }],
    ['our own page in capitals', { host: 'Chat.Example', origin: 'https://chat.example' }],
    ['our own page at an IPv6 address', { host: '[::1]:5000', origin: 'http://[::1]:5000' }],
    ['a page that the settings name', { host: 'chat.example', origin: 'https://friend.example' }],
    ['a program without an origin', { host: 'chat.example' }],
    ['our own page in a browser that sends none', { host: 'chat.example', 'sec-fetch-site': 'same-origin' }],
    ['somebody who typed the address', { host: 'chat.example', 'sec-fetch-site': 'none' }],
  ] satisfies [string, IncomingHttpHeaders][])('%s may', (_who, headers) => {
    expect(allowed(headers)).toBe(true);
  });

  it.each([
    ['the page of somebody else', { host: 'chat.example', origin: 'https://evil.example' }],
    [
      'a page on another port of this host',
      { host: 'chat.example:5000', origin: 'http://chat.example:8080' },
    ],
    [
      'a page whose name begins like ours',
      { host: 'chat.example', origin: 'https://chat.example.evil.example' },
    ],
    ['a page without an origin of its own', { host: 'chat.example', origin: 'null' }],
    ['an empty origin', { host: 'chat.example', origin: '' }],
    ['an extension', { host: 'chat.example', origin: 'chrome-extension://chat.example' }],
    ['a page of a host that asked for none', { origin: 'https://evil.example' }],
    ['a cross-site page that hides its origin', { host: 'chat.example', 'sec-fetch-site': 'cross-site' }],
    ['a named page by another scheme', { host: 'chat.example', origin: 'http://friend.example' }],
    ['two origins at once', { host: 'chat.example', origin: 'https://chat.example, https://evil.example' }],
    [
      'a client that names a host by a header which no proxy of ours wrote',
      { host: 'chat.example', 'x-forwarded-host': 'evil.example', origin: 'https://evil.example' },
    ],
  ] satisfies [string, IncomingHttpHeaders][])('%s may not', (_who, headers) => {
    expect(allowed(headers)).toBe(false);
  });

  it('is decided by the host that our proxy was asked for', () => {
    const headers = {
      host: 'backend:5000',
      'x-forwarded-host': 'chat.example',
      origin: 'https://chat.example',
    };
    expect(allowed(headers, 1)).toBe(true);
    expect(allowed(headers, 0)).toBe(false);
    expect(allowed({ ...headers, origin: 'https://backend:5000' }, 1)).toBe(false);
  });
});
