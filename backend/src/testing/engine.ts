export { startEngine, type TestEngine } from '@sori/testkit';
