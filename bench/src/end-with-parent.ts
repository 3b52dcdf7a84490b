/**
 * Loaded into every program that the benchmark starts, before the program itself: when the benchmark is gone, its pipe
 * closes, and the program is asked to end as a person would ask it.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// The pipe alone keeps no program running.
process.channel?.unref();
