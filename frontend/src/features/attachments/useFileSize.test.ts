import { fileSize } from './useFileSize';

describe('the size of a file', () => {
  it('is said as people say it', () => {
    const said = [0, 999, 1_000, 12_345, 3_450_000, 104_857_600, 2_500_000_000].map((bytes) =>
      fileSize('en', bytes),
    );
    expect(said).toEqual(['0 bytes', '999 bytes', '1 kB', '12 kB', '3.5 MB', '104.9 MB', '2.5 GB']);
  });
});
