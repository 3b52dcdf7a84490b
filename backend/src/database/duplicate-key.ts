/**
 * True where a unique index refused this write: another row has that key. What is thrown says so, and so does what reports
 * one write of many, which is no `Error` and of a class that the driver keeps to itself.
 */
export const isDuplicateKey = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 11_000;

/** Runs an upsert, and once more where two made the row at the same time: now it is there. */
export async function upsert<Result>(write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return write();
  }
}
