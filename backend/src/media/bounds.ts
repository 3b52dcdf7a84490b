/** Of a picture, as the contract says: a phone's best has 48 megapixels. */
export const mostPixels = 50_000_000;

/** Longer animations are films, and each frame costs all who look at it. */
export const mostFrames = 2_000;
