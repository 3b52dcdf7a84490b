/** As little as a server can do with files: a stream onto the disk, and Express's own download. */
import { createWriteStream } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import express from 'express';

const folder = process.argv[2];
if (folder === undefined) throw new Error('Where files go is not said');
const path = join(folder, 'file');
const app = express();
app.post('/file', async (request, response) => {
  await pipeline(request, createWriteStream(path));
  response.status(201).json({});
});
app.get('/file', (_request, response) => response.sendFile(path));
const server = app.listen(0, '127.0.0.1', () =>
  console.log(`port ${(server.address() as AddressInfo).port}`),
);
