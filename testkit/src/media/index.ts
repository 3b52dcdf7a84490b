/**
 * Pictures, films and what pretends to be one, made by the tests that need them. All of them say `place`, and behind their ends as
 * well.
 */
export { film } from './film.js';
export * from './pages.js';
export * from './pictures.js';
export { exifWithPlace, place } from './place.js';
