/**
 * The real server, with a clock that can be set: started as a child, it takes the steps of its clock from its parent.
 * The product has no setting for that, and must not have one.
 */
let offsetMs = 0;
const RealDate = Date;
const now = (): number => RealDate.now() + offsetMs;

class SteppedDate extends RealDate {
  constructor(...given: unknown[]) {
    // `new Date()` asks what time it is; everything else is a time that somebody knows.
    if (given.length === 0) super(now());
    else super(...(given as [number]));
  }
  static override now(): number {
    return now();
  }
}
// Whoever asks what this is by its name (mongoose does) gets the name that they know.
Object.defineProperty(SteppedDate, 'name', { value: 'Date' });
globalThis.Date = SteppedDate as DateConstructor;

const first = Number(process.argv[2] ?? '0');
if (Number.isFinite(first)) offsetMs = first;
process.on('message', (message: unknown) => {
  if (typeof message !== 'object' || message === null || !('offsetMs' in message)) return;
  if (typeof message.offsetMs === 'number') offsetMs = message.offsetMs;
});
// Whoever listens for messages is kept running by the pipe, unless told otherwise.
process.channel?.unref();

await import(new URL('../../backend/dist/main.js', import.meta.url).href);
