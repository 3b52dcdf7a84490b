/** As little as an Express server can do with a message: parse its JSON and send it back. */
import type { AddressInfo } from 'node:net';
import express from 'express';

const app = express();
app.use(express.json());
app.post('/echo', (request, response) => void response.status(201).json(request.body));
const server = app.listen(0, '127.0.0.1', () =>
  console.log(`port ${(server.address() as AddressInfo).port}`),
);
