import { createGate } from './gate.js';

/** Jobs that end when the test says so. */
function jobs() {
  const begun: string[] = [];
  const endings = new Map<string, () => void>();
  return {
    begun,
    job: (name: string) => () =>
      new Promise<string>((resolve) => {
        begun.push(name);
        endings.set(name, () => resolve(name));
      }),
    end: (name: string) => endings.get(name)?.(),
  };
}

it('lets so many run at a time, and the others in the order of asking', async () => {
  const { begun, job, end } = jobs();
  const gate = createGate({ atOnce: 2 });
  const all = ['a', 'b', 'c', 'd'].map((name) => gate.run(job(name)));
  expect(begun).toEqual(['a', 'b']);
  end('b');
  await all[1];
  // Who comes now waits behind those who waited already.
  const last = gate.run(job('e'));
  expect(begun).toEqual(['a', 'b', 'c']);
  end('a');
  await all[0];
  end('c');
  await all[2];
  expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
  end('d');
  end('e');
  expect(await Promise.all([...all, last])).toEqual(['a', 'b', 'c', 'd', 'e']);
});

it('goes on behind a job that fails', async () => {
  const gate = createGate({ atOnce: 1 });
  const failing = gate.run(() => Promise.reject(new Error('no')));
  const next = gate.run(() => Promise.resolve('yes'));
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('yes');
});

it('refuses whoever would be one too many', async () => {
  const { job, end } = jobs();
  const gate = createGate({ atOnce: 1, waiting: 1 });
  const [first, second] = [gate.run(job('a')), gate.run(job('b'))];
  await expect(gate.run(job('c'))).rejects.toMatchObject({ code: 'BUSY' });
  end('a');
  await first;
  end('b');
  expect(await second).toBe('b');
});
