import express from 'express';
import request from 'supertest';
import { AppError } from '../core/errors.js';
import { keptLog } from '../testing/kept-log.js';
import { endMiddleware } from './middleware.js';
import { mountRoutes } from './routes.js';

const { log } = keptLog();

/** A server whose one route answers this error; what it reported, and what was answered. */
async function answered(error: Error) {
  const bugs: unknown[] = [];
  const app = express();
  const nobody = () => Promise.resolve(null);
  const guards = {
    account: nobody,
    visitor: nobody,
    seen: () => Promise.resolve(),
    isAdmin: () => Promise.resolve(false),
    countEmits: () => Promise.resolve(),
    report: (bug: unknown) => void bugs.push(bug),
  };
  mountRoutes(app, { 'GET /api/lab': () => Promise.reject(error) }, guards);
  endMiddleware(app, { log });
  const { body } = (await request(app).get('/api/lab')) as { body: unknown };
  return { bugs: bugs.map(String), body };
}

describe('what is wrong with a request', () => {
  it('is answered also where the table does not list its code, and that is reported as a bug', async () => {
    const { bugs, body } = await answered(new AppError('CONFLICT', 'Somebody was faster'));
    expect(body).toEqual({ error: 'Somebody was faster', code: 'CONFLICT' });
    expect(bugs).toEqual(['UnlistedCode: "GET /api/lab" may not answer CONFLICT']);
  });

  it('is no bug where the table lists its code, or every route may answer it', async () => {
    const { bugs, body } = await answered(new AppError('UNAVAILABLE', 'Later'));
    expect(body).toMatchObject({ code: 'UNAVAILABLE' });
    expect(bugs).toEqual([]);
  });
});
