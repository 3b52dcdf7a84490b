// What browsers and Node have alike: the types of neither are needed for it.
declare const btoa: (bytes: string) => string;
declare const crypto: { getRandomValues: (bytes: Uint8Array) => unknown };

/**
 * 128 random bits as 22 letters of the contract's alphabet. Not `crypto.randomUUID`: on plain http in a LAN, where Sori
 * is at home, browsers do not have it.
 */
export const createClientId = (): string => {
  const bytes = randomBytes();
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
};

/** Only different from all others, and no secret: where a browser has no source of randomness, its dice will do. */
function randomBytes(): Uint8Array {
  const bytes = new Uint8Array(16);
  try {
    crypto.getRandomValues(bytes);
    return bytes;
  } catch {
    return bytes.map(() => Math.floor(Math.random() * 256));
  }
}
