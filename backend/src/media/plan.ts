import { BrokenFileError } from './byte-source.js';

/** One step of making a file out of another: a part of that one, bytes of our own, or so many zeros. */
type Step = { start: number; end: number } | { bytes: Buffer } | { zeros: number };

/** How a cleaned file is made of what was sent: without either of them in memory. */
export interface Plan {
  readonly steps: readonly Step[];
  /** Of what is made, in bytes. */
  readonly size: number;
  /** There is nothing to be removed: the file can stay what it is. */
  readonly unchanged: boolean;
}

/** A picture off a camera takes three; each step is a read of its own. */
const mostSteps = 10_000;

const lengthOf = (step: Step): number =>
  'end' in step ? step.end - step.start : 'bytes' in step ? step.bytes.length : step.zeros;

export interface PlanBuilder {
  /** Takes over this part of the file; parts that touch become one. */
  copy(start: number, end: number): void;
  insert(bytes: Buffer): void;
  zeros(count: number): void;
  append(plan: Plan): void;
  /** @param sourceSize of the file that the plan is for */
  build(sourceSize: number): Plan;
}

export function planBuilder(): PlanBuilder {
  const steps: Step[] = [];

  function add(step: Step): void {
    if (lengthOf(step) === 0) return;
    const last = steps.at(-1);
    if (last && 'end' in last && 'end' in step && last.end === step.start) {
      last.end = step.end;
      return;
    }
    if (steps.length === mostSteps) throw new BrokenFileError('The file is made of too many pieces');
    steps.push(step);
  }

  return {
    copy: (start, end) => add({ start, end }),
    insert: (bytes) => add({ bytes }),
    zeros: (count) => add({ zeros: count }),
    append: (plan) => {
      for (const step of plan.steps) add({ ...step });
    },
    build(sourceSize) {
      const [first] = steps;
      const whole = first !== undefined && 'end' in first && first.start === 0 && first.end === sourceSize;
      return {
        steps,
        size: steps.reduce((sum, step) => sum + lengthOf(step), 0),
        unchanged: whole && steps.length === 1,
      };
    },
  };
}

const zerosAtOnce = Buffer.alloc(64 * 1024);

/**
 * The bytes of the new file, made while they are read.
 * @param open reads a part of the old file, from `start` up to `end`
 */
export async function* applyPlan(
  { steps }: Plan,
  open: (start: number, end: number) => Promise<AsyncIterable<Uint8Array>>,
): AsyncGenerator<Uint8Array> {
  for (const step of steps) {
    if ('end' in step) yield* await open(step.start, step.end);
    else if ('bytes' in step) yield step.bytes;
    else
      for (let left = step.zeros; left > 0; left -= zerosAtOnce.length)
        yield zerosAtOnce.subarray(0, Math.min(left, zerosAtOnce.length));
  }
}
