export * from './line.js';
export * from './program.js';
export * from './sori.js';
