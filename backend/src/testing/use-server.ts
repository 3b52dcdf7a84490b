import { type ServerOptions, startServer, type TestServer } from './server.js';

/** One server for the tests of a file: it is there from the first of them on. A bug in its log fails the file. */
export function useServer(options: ServerOptions = {}): TestServer {
  const server = {} as TestServer;
  beforeAll(async () => {
    Object.assign(server, await startServer(options));
  });
  afterAll(async () => {
    await server.close();
    expect(server.bugs()).toEqual([]);
  });
  return server;
}
