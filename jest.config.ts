/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

// swc turns our ES modules into CommonJS for the tests; production runs what tsc compiled.
const swc: [string, Record<string, unknown>] = [
  '@swc/jest',
  {
    jsc: {
      target: 'es2023',
      parser: { syntax: 'typescript', tsx: true },
      transform: { react: { runtime: 'automatic' } },
    },
    module: { type: 'commonjs' },
  },
];
const transform: Config['transform'] = { '^.+\\.tsx?$': swc };
// Packages that are published as ES modules alone.
const esModules = [
  ...['file-type', 'strtok3', 'token-types', 'uint8array-extras', 'thumbhash'],
  ...['@tokenizer/inflate', '@borewit/text-codec'],
];
const moduleNameMapper = {
  '^@sori/contract$': '<rootDir>/../contract/src/index.ts',
  '^@sori/client$': '<rootDir>/../client/src/index.ts',
  '^@sori/testkit$': '<rootDir>/../testkit/src/index.ts',
  '^@sori/testkit/media$': '<rootDir>/../testkit/src/media/index.ts',
  // What is compiled for the programs is an ES module; tests load the source.
  '^(.*)/backend/dist/(.*)\\.js$': '$1/backend/src/$2',
  '^@sori/client/testing$': '<rootDir>/../client/src/testing/index.ts',
  '^(\\.{1,2}/.*)\\.js$': '$1',
};

const config: Config = {
  projects: [
    {
      displayName: 'contract',
      rootDir: 'contract',
      testMatch: ['<rootDir>/src/**/*.test.ts'],
      transform,
      moduleNameMapper,
    },
    {
      displayName: 'client',
      rootDir: 'client',
      testMatch: ['<rootDir>/src/**/*.test.ts'],
      transform,
      moduleNameMapper,
    },
    {
      displayName: 'backend',
      rootDir: 'backend',
      testMatch: ['<rootDir>/src/**/*.test.ts'],
      transform: { ...transform, '^.+\\.js$': swc },
      transformIgnorePatterns: [`/node_modules/(?!(${esModules.join('|')})/)`],
      moduleNameMapper,
    },
    {
      displayName: 'chaos',
      rootDir: 'chaos',
      testMatch: ['<rootDir>/src/**/*.test.ts'],
      transform,
      moduleNameMapper,
    },
    {
      displayName: 'bench',
      rootDir: 'bench',
      testMatch: ['<rootDir>/src/**/*.test.ts'],
      transform,
      moduleNameMapper,
    },
    {
      displayName: 'deploy',
      rootDir: 'deploy',
      testMatch: ['<rootDir>/*.test.ts'],
      transform,
      moduleNameMapper,
    },
    {
      displayName: 'scripts',
      rootDir: 'scripts',
      testMatch: ['<rootDir>/**/*.test.ts'],
      transform,
      moduleNameMapper,
    },
    {
      displayName: 'frontend',
      rootDir: 'frontend',
      testEnvironment: 'jsdom',
      setupFiles: ['<rootDir>/src/testing/jsdom.ts'],
      testMatch: ['<rootDir>/src/**/*.test.{ts,tsx}'],
      transform: { ...transform, '^.+\\.js$': swc },
      transformIgnorePatterns: ['/node_modules/(?!thumbhash/)'],
      moduleNameMapper: { ...moduleNameMapper, '\\.(css|svg|mp3|wav)$': '<rootDir>/src/testing/asset.ts' },
    },
  ],
  testTimeout: 60_000,
  maxWorkers: 2,
};

export default config;
