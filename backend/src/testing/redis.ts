export { startRedis, type TestRedis } from '@sori/testkit';
