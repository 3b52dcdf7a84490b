import { isIPv4, isIPv6 } from 'node:net';
import { type Arrival, forwardedValue } from './forwarded.js';

/**
 * By what a client is counted: its IPv4 address, or the /64 of its IPv6 address, since whoever has one address there has
 * all of them.
 */
export function addressOf({ headers, socket }: Arrival, hops: number): string {
  const direct = socket.remoteAddress ?? '';
  const said = forwardedValue(headers['x-forwarded-for'], hops);
  return (said === undefined ? null : counted(withoutPort(said))) ?? counted(direct) ?? nowhere;
}

/** Where a client is. */
export interface Place {
  address: string;
  /**
   * Whether what is done to the address is done to the client: it is neither this machine nor a proxy that is not in
   * the settings, through which everybody would come.
   */
  isOwn: boolean;
}

export function placeOf(arrival: Arrival, hops: number): Place {
  const address = addressOf(arrival, hops);
  const throughStrange = hops === 0 && arrival.headers['x-forwarded-for'] !== undefined;
  return { address, isOwn: !throughStrange && address !== nowhere && !isLoopback(address) };
}

/** Of an address as `addressOf` writes it. */
const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '0:0:0:0::/64';

const nowhere = 'unknown';

/** Some proxies write the port behind the address: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
const withoutPort = (text: string): string =>
  /^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;

function counted(text: string): string | null {
  const address = text.replace(/%.*$/, '');
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return null;
  const groups = groupsOf(address);
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (mapped) {
    const [high = 0, low = 0] = groups.slice(6);
    return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
  }
  const prefix = groups.slice(0, 4).map((group) => group.toString(16));
  return `${prefix.join(':')}::/64`;
}

/**
 * The eight groups of a valid IPv6 address. Not by ipaddr.js: 1.9, which Express brings, refuses `2001:db8::192.0.2.1`, and 2.5
 * takes `::192.0.2.1` for `::ffff:192.0.2.1`, which is somebody else.
 */
function groupsOf(address: string): number[] {
  const withoutIPv4 = address.replace(/[\d.]*\.\d+$/, (ipv4) => {
    const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = '', tail] = withoutIPv4.split('::');
  const numbers = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return numbers(head);
  const [before, after] = [numbers(head), numbers(tail)];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

/**
 * Warns once: either a proxy of ours is in front and everybody counts as that one address, or a client pretends.
 * Give it every request and every handshake.
 */
export function watchForwarding(
  hops: number,
  log: { warn(message: string): void },
): (request: Pick<Arrival, 'headers'>) => void {
  let warned = hops > 0;
  return ({ headers }) => {
    if (warned || headers['x-forwarded-for'] === undefined) return;
    warned = true;
    log.warn(
      'X-Forwarded-For came in, but TRUST_PROXY_HOPS is 0: it is ignored, and everybody behind a proxy counts as one address',
    );
  };
}
