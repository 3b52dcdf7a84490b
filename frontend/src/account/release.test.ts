import { keepTexts } from '../device/keptTexts';
import { createRelease } from './release';

beforeEach(() => sessionStorage.clear());

const open = (options: Partial<Parameters<typeof createRelease>[0]> = {}) => {
  const reload = jest.fn();
  const changed: string[] = [];
  const isKept = () => Promise.resolve(true);
  return {
    reload,
    changed,
    ...createRelease({ build: 3, isKept, changed: (now) => changed.push(now), reload, ...options }),
  };
};

describe('a page that the server can no longer serve', () => {
  it('is loaded anew', async () => {
    const { reload, changed, received } = open();
    await received({ oldestBuild: 4 });
    expect(reload).toHaveBeenCalledTimes(1);
    expect(changed).toEqual(['outdated']);
  });

  it('says that it is new where it was loaded anew for that, once', async () => {
    await open().received({ oldestBuild: 4 });
    const { reload, changed, received } = open({ build: 4 });
    for (let turn = 0; turn < 2; turn += 1) await received({ oldestBuild: 4 });
    expect(changed).toEqual(['updated', 'current']);
    expect(reload).not.toHaveBeenCalled();
  });

  it('is not where the server still serves it', async () => {
    const { reload, received } = open();
    for (const oldestBuild of [1, 3]) await received({ oldestBuild });
    expect(reload).not.toHaveBeenCalled();
  });

  it('is loaded once where the same one comes again, and once more for the next release', async () => {
    const first = open();
    await first.received({ oldestBuild: 4 });
    const second = open();
    await second.received({ oldestBuild: 4 });
    expect(second.reload).not.toHaveBeenCalled();
    await second.received({ oldestBuild: 5 });
    expect(second.reload).toHaveBeenCalledTimes(1);
  });

  it('stays where the tab could not remember that it was loaded anew', async () => {
    const forgetful = keepTexts(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    const { reload, received } = open({ texts: forgetful });
    await received({ oldestBuild: 4 });
    expect(reload).not.toHaveBeenCalled();
  });

  it('stays as long as what is being written would be lost', async () => {
    let kept = false;
    const { reload, received } = open({ isKept: () => Promise.resolve(kept) });
    await received({ oldestBuild: 4 });
    expect(reload).not.toHaveBeenCalled();
    kept = true;
    await received({ oldestBuild: 4 });
    expect(reload).toHaveBeenCalledTimes(1);
  });

  it('says what it is, also where it stays', async () => {
    const { changed, received } = open({ isKept: () => Promise.resolve(false) });
    await received({ oldestBuild: 4 });
    expect(changed).toEqual(['outdated']);
  });
});
