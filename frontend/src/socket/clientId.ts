/**
 * 128 random bits as 22 letters of the contract's alphabet. Not `crypto.randomUUID`: on plain http in a LAN, where Sori
 * is at home, browsers do not have it.
 */
export const createClientId = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
};
