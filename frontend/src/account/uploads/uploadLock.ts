import { locksOf } from '../../device/tabs';

/**
 * Does it unless another tab of this browser is at it.
 * @param mayWithout whether this tab does it where the browser has no locks (on plain http in a LAN)
 * @returns whether it was done here
 */
export const alone = async (
  name: string,
  mayWithout: () => boolean,
  work: () => Promise<void>,
): Promise<boolean> => {
  const locks = locksOf();
  const begun = { here: false };
  const doIt = async () => {
    begun.here = true;
    await work();
  };
  if (locks !== null)
    try {
      return await locks.request(name, { ifAvailable: true }, async (lock) => {
        if (lock === null) return false;
        await doIt();
        return true;
      });
    } catch (thrown) {
      // What the work itself threw is no matter of locks.
      if (begun.here) throw thrown;
    }
  if (!mayWithout()) return false;
  await doIt();
  return true;
};
