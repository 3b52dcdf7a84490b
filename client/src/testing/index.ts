export * from './clock.js';
export * from './people.js';
