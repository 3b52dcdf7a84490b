/** What a stored text says, or undefined where it says nothing that can be read: extensions and people edit storage too. */
export const parsedJson = (text: string | null): unknown => {
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
