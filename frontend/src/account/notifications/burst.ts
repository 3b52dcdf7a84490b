/** Messages that follow each other that closely are one burst. */
export const burstGapMs = 1_500;
/** A talk that never pauses is heard again after this. */
export const burstMaxMs = 10_000;

/** Answers whether a sound is due: once for a burst, however many messages it has. */
export const createBurst = () => {
  let lastReceived = Number.NEGATIVE_INFINITY;
  let lastPlayed = Number.NEGATIVE_INFINITY;
  return (now: number): boolean => {
    // A clock that was set back is no reason to be silent until it is where it was.
    const wasSetBack = now < lastReceived || now < lastPlayed;
    const goesOn = !wasSetBack && now - lastReceived < burstGapMs && now - lastPlayed < burstMaxMs;
    lastReceived = now;
    if (!goesOn) lastPlayed = now;
    return !goesOn;
  };
};
