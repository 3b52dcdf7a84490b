/** Processors that several processes share evenly, and a clock that jumps from one thing that happens to the next. */

interface Task {
  /** Processor time that it still needs, in microseconds. */
  left: number;
  done: () => void;
}

export interface Process {
  /** @param work microseconds of processor time */
  run: (work: number, done: () => void) => void;
  /** Processor time taken so far, in microseconds. */
  taken: () => number;
}

export type World = ReturnType<typeof createWorld>;
type Machine = ReturnType<typeof createMachine>;

/** Below this a task is over: sums of fractions do not come out even. In microseconds. */
const nothing = 1e-6;

function createMachine(cores: number) {
  const running = new Set<Task>();
  const rate = (): number => Math.min(1, cores / running.size);
  return {
    running,
    /** In how many microseconds the next task is over. */
    next(): number {
      let least = Infinity;
      for (const { left } of running) least = Math.min(least, left);
      return least / rate();
    },
    /** @returns those that are over */
    pass(time: number): Task[] {
      const work = time * rate();
      const over: Task[] = [];
      for (const task of running) {
        task.left -= work;
        if (task.left <= nothing) over.push(task);
      }
      for (const task of over) running.delete(task);
      return over;
    },
  };
}

export function createWorld() {
  const machines: Machine[] = [];
  /** Soonest first. */
  const alarms: { time: number; ring: () => void }[] = [];
  let now = 0;

  function after(time: number, ring: () => void): void {
    const when = now + time;
    let index = alarms.length;
    while (index > 0 && (alarms[index - 1]?.time ?? 0) > when) index -= 1;
    alarms.splice(index, 0, { time: when, ring });
  }

  return {
    /** Microseconds since the beginning. */
    now: (): number => now,
    after,

    machine(cores: number): Machine {
      const machine = createMachine(cores);
      machines.push(machine);
      return machine;
    },

    /** Does one thing after the other, or with `threads` each beside the others. */
    process({ running }: Machine, threads: 'one' | 'many'): Process {
      const waiting: Task[] = [];
      let taken = 0;
      let busy = false;
      function start(task: Task): void {
        busy = true;
        running.add(task);
      }
      return {
        taken: () => taken,
        run(work, done) {
          const task: Task = {
            left: work,
            done: () => {
              taken += work;
              busy = false;
              const next = threads === 'one' ? waiting.shift() : undefined;
              if (next) start(next);
              done();
            },
          };
          if (threads === 'one' && busy) waiting.push(task);
          else start(task);
        },
      };
    },

    /** Goes on until then. @param end microseconds since the beginning */
    run(end: number): void {
      while (now < end) {
        const soonest = Math.min(
          (alarms[0]?.time ?? Infinity) - now,
          ...machines.map((machine) => machine.next()),
        );
        const step = Math.min(Math.max(soonest, 0), end - now);
        now += step;
        const over = machines.flatMap((machine) => machine.pass(step));
        for (const task of over) task.done();
        while (alarms[0] && alarms[0].time <= now) alarms.shift()?.ring();
      }
    },
  };
}
