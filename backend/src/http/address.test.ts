import type { IncomingHttpHeaders } from 'node:http';
import { addressOf, placeOf, watchForwarding } from './address.js';
import { isHttps } from './forwarded.js';

const from = (remoteAddress: string | undefined, headers: IncomingHttpHeaders = {}) => ({
  headers,
  socket: { remoteAddress },
});
const forwarded = (list: string) => from('10.0.0.1', { 'x-forwarded-for': list });

describe('the address that somebody is counted by', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    [undefined, 'unknown'],
  ])('is, for a connection from %s, %s', (remote, counted) => {
    expect(addressOf(from(remote), 0)).toBe(counted);
  });

  it('is not what a client claims where no proxy is trusted', () => {
    expect(addressOf(forwarded('192.0.2.7'), 0)).toBe('10.0.0.1');
  });

  it('is what our nearest proxy saw, not what the client put in front of it', () => {
    expect(addressOf(forwarded('203.0.113.9, 192.0.2.7'), 1)).toBe('192.0.2.7');
  });

  it('is what the outermost of two proxies saw', () => {
    expect(addressOf(forwarded('203.0.113.9, 192.0.2.7, 10.0.0.2'), 2)).toBe('192.0.2.7');
    expect(addressOf(forwarded('192.0.2.7'), 2)).toBe('192.0.2.7');
  });

  it.each([
    ['192.0.2.7:4711', '192.0.2.7'],
    ['[2001:db8::1]:4711', '2001:db8:0:0::/64'],
    ['[2001:db8::1]', '2001:db8:0:0::/64'],
    ['nonsense', '10.0.0.1'],
    ['', '10.0.0.1'],
  ])('is read from the proxy’s "%s" as %s', (list, counted) => {
    expect(addressOf(forwarded(list), 1)).toBe(counted);
  });
});

describe('an address that may be held against somebody', () => {
  const isOwn = (arrival: ReturnType<typeof from>, hops: number): boolean => placeOf(arrival, hops).isOwn;

  it('is one of the network, as it connected or as our proxy saw it', () => {
    expect(placeOf(from('192.0.2.7'), 0)).toEqual({ address: '192.0.2.7', isOwn: true });
    expect(placeOf(forwarded('192.0.2.7'), 1)).toEqual({ address: '192.0.2.7', isOwn: true });
    expect(isOwn(from('2001:db8::1'), 0)).toBe(true);
  });

  it.each(['127.0.0.1', '127.3.2.1', '::1', '::ffff:127.0.0.1', undefined])('is not %s', (remote) => {
    expect(isOwn(from(remote), 0)).toBe(false);
    expect(isOwn(from(remote), 1)).toBe(false);
    expect(isOwn(forwarded(remote ?? ''), 0)).toBe(false);
  });

  it('is not that of a proxy that is not in the settings', () => {
    expect(placeOf(forwarded('192.0.2.7'), 0)).toEqual({ address: '10.0.0.1', isOwn: false });
  });
});

describe('a proxy that is not in the settings', () => {
  const warningsOf = (hops: number, ...requests: IncomingHttpHeaders[]): string[] => {
    const warnings: string[] = [];
    const watch = watchForwarding(hops, { warn: (message) => void warnings.push(message) });
    for (const headers of requests) watch({ headers });
    return warnings;
  };

  it('is warned of once', () => {
    const warnings = warningsOf(0, {}, { 'x-forwarded-for': 'a' }, { 'x-forwarded-for': 'b' });
    expect(warnings).toEqual([expect.stringContaining('TRUST_PROXY_HOPS')]);
  });

  it('is not warned of where one is expected, or none is there', () => {
    expect(warningsOf(1, { 'x-forwarded-for': 'a' })).toEqual([]);
    expect(warningsOf(0, {}, {})).toEqual([]);
  });
});

describe('https', () => {
  const said = (proto: string) => from('10.0.0.1', { 'x-forwarded-proto': proto });

  it('is believed from our proxy and from nobody else', () => {
    expect(isHttps(said('https'), 1)).toBe(true);
    expect(isHttps(said('https'), 0)).toBe(false);
    expect(isHttps(said('http'), 1)).toBe(false);
    expect(isHttps(said('https, http'), 1)).toBe(false);
    expect(isHttps(said('https, http'), 2)).toBe(true);
  });

  it('is seen on a connection of our own', () => {
    expect(isHttps({ headers: {}, socket: { encrypted: true } }, 0)).toBe(true);
    expect(isHttps(from('10.0.0.1'), 0)).toBe(false);
  });
});
