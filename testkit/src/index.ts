export * from './device-connection.js';
export * from './program.js';
export * from './sori.js';
