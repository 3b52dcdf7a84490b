import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import { files, folders, policies } from './scripts/lint/layers.mjs';
import { noBareText } from './scripts/lint/no-bare-text.mjs';

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', 'data/**', 'test-results/**', 'playwright-report/**'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      // Not projectService: that finds only the nearest tsconfig.json, and our tests belong to another one.
      parserOptions: {
        project: ['*/tsconfig.json', '*/tsconfig.*.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Express and Socket.IO take handlers that return nothing; both catch a rejected async one (Express 5
      // by itself, ours in realtime/answer.ts).
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { arguments: false, attributes: false } },
      ],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['{backend,frontend}/src/**/*.{ts,tsx}'],
    ignores: ['**/*.test.{ts,tsx}', '**/testing/**'],
    plugins: { boundaries },
    settings: {
      'boundaries/elements': folders,
      'boundaries/files': files,
      'import/resolver': {
        typescript: {
          project: ['backend/tsconfig.json', 'frontend/tsconfig.json'],
          noWarnOnMultipleProjects: true,
        },
      },
    },
    rules: { 'boundaries/dependencies': ['error', { default: 'disallow', policies }] },
  },
  {
    // What a reader takes in at once. Tests are lists of cases, and the page's texts a list of words.
    files: ['**/*.{ts,tsx,js,mjs}'],
    ignores: ['**/*.test.{ts,tsx}', 'e2e/*.spec.ts', '**/testing/**', 'frontend/src/i18n/{en,ko}.ts'],
    rules: {
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 100, skipBlankLines: true, skipComments: true }],
    },
  },
  { ...reactHooks.configs.flat['recommended-latest'], files: ['frontend/**/*.{ts,tsx}'] },
  {
    files: ['frontend/src/**/*.tsx'],
    ignores: ['**/*.test.tsx'],
    plugins: { sori: { rules: { 'no-bare-text': noBareText } } },
    rules: { 'sori/no-bare-text': 'error' },
  },
  {
    files: ['**/*.{js,mjs}'],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: {
      ...tseslint.configs.disableTypeChecked.languageOptions,
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        Buffer: 'readonly',
        fetch: 'readonly',
        AbortSignal: 'readonly',
        performance: 'readonly',
      },
    },
  },
  {
    // What others need of the page's machinery is in client/.
    ignores: ['frontend/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['**/frontend/**', '@sori/frontend'], message: 'Nothing imports from the page.' },
          ],
        },
      ],
    },
  },
  {
    files: ['frontend/public/**'],
    languageOptions: { globals: { localStorage: 'readonly', document: 'readonly' } },
  },
  {
    // Mongoose types a schema's options as a class, and takes a literal everywhere.
    files: ['backend/src/**/*.model.ts'],
    rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' },
  },
  {
    // Programs that a person runs in a terminal: printing is what they are for.
    files: ['scripts/**', 'bench/**', 'backend/src/tools/**', 'e2e/scripts/**'],
    rules: { 'no-console': 'off' },
  },
);
