import { createStages } from './stages.js';

describe('the stages of a chaos run', () => {
  it('one that ends in time hands on what came of it, and its time is told', async () => {
    const stages = createStages();
    expect(await stages.during('settling', 60_000, () => Promise.resolve(7))).toBe(7);
    expect(stages.line()).toMatch(/^settling \d+\.\d s$/);
  });

  it('one that hangs ends with its name, and is told like the others', async () => {
    const stages = createStages();
    const hangs = stages.during('settling', 10, () => new Promise(() => undefined));
    await expect(hangs).rejects.toThrow('settling: not over within 0.0 s');
    expect(stages.line()).toContain('settling');
  });

  it('what goes wrong within one is its own matter', async () => {
    const stages = createStages();
    await expect(stages.during('judging', 60_000, () => Promise.reject(new Error('no')))).rejects.toThrow(
      'no',
    );
  });
});
