import { mostFrames } from './bounds.js';
import { type ByteSource, type Scan, scanOf, TooLargeError } from './byte-source.js';
import { cleanGif } from './clean-gif.js';
import { cleanJpeg } from './clean-jpeg.js';
import { cleanMp4 } from './clean-mp4.js';
import { cleanPng } from './clean-png.js';
import { cleanWebp } from './clean-webp.js';
import { type Plan, type PlanBuilder, planBuilder } from './plan.js';

export interface Cleaning {
  /** How the clean file is made of this one. */
  plan: Plan;
  /** Pictures: more than one is an animation. */
  frames?: number;
  /** All the same it may say where it was made, and whoever sends it should know. */
  mayTellPlace: boolean;
}

/** Types whose contents this can clean, with what says how many frames a picture has. */
const pictures: Readonly<Record<string, (scan: Scan, plan: PlanBuilder) => Promise<number>>> = {
  'image/jpeg': async (scan, plan) => {
    await cleanJpeg(scan, plan);
    return 1;
  },
  'image/png': cleanPng,
  'image/webp': cleanWebp,
  'image/gif': cleanGif,
};
const films = new Set([
  ...['video/mp4', 'audio/mp4', 'video/quicktime', 'video/x-m4v', 'video/3gpp', 'video/3gpp2'],
  ...['audio/x-m4a', 'audio/x-m4b'],
]);

/** Kinds of pictures and films that tell where they were made, as far as they have a place for it, and cannot be cleaned. */
export const mayTellPlace = (type: string): boolean =>
  /^(image|video)\//.test(type) && pictures[type] === undefined && !films.has(type) && type !== 'video/webm';

/**
 * Finds what says where, when, by whom and with what a picture was made, and of a film where, and how to leave it out. What is
 * seen and heard stays as it is, bit by bit.
 * @param type as `sniff` says
 * @returns null for a type that cannot be cleaned
 * @throws BrokenFileError where the content is not of that type, or too damaged to be understood
 * @throws TooLargeError for more than 2,000 frames
 */
export async function clean(source: ByteSource, type: string): Promise<Cleaning | null> {
  const plan = planBuilder();
  const scan = scanOf(source);
  const picture = pictures[type];
  if (picture) {
    const frames = await picture(scan, plan);
    if (frames > mostFrames) throw new TooLargeError(`There are ${frames} frames`);
    return { plan: plan.build(source.size), frames, mayTellPlace: false };
  }
  if (!films.has(type)) return null;
  const stillTells = await cleanMp4(scan, plan);
  return { plan: plan.build(source.size), mayTellPlace: stillTells };
}
