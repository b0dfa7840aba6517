// An HTTP server on this machine, with the faults that a test asks for.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TestServer {
  url: string;
  /** Path and Range header of every request. */
  requests: { path: string; range: string | undefined }[];
  close(): Promise<void>;
}

export type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** `count` is the number of requests before this one. */
export async function testServer(answer: Answer): Promise<TestServer> {
  const requests: TestServer['requests'] = [];
  const server = createServer((request, response) => {
    requests.push({ path: request.url ?? '', range: request.headers.range });
    answer(request, response, requests.length - 1);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}/`, requests, close };
}

interface Fault {
  /** Break the connection after so many bytes of the body. */
  breakAfter?: number;
  /** Answer 200 and everything, whatever was asked for. */
  ignoreRange?: boolean;
  /** Milliseconds between pieces of `piece` bytes. */
  pause?: number;
  piece?: number;
}

/** Serves bytes as a file server does, ranges included. */
export function serveBytes(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Uint8Array,
  fault: Fault = {},
): void {
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const start = asked && !fault.ignoreRange ? Number(asked[1]) : 0;
  if (start >= bytes.length) {
    response.writeHead(416).end();
    return;
  }
  response.writeHead(start > 0 ? 206 : 200, {
    'content-type': 'application/octet-stream',
    'content-length': bytes.length - start,
    ...(start > 0 && { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
  });
  const body = bytes.subarray(start);
  if (fault.breakAfter !== undefined) {
    response.write(body.subarray(0, fault.breakAfter), () => response.destroy());
    return;
  }
  if (fault.pause === undefined) {
    response.end(body);
    return;
  }
  const { pause, piece = 1024 } = fault;
  let position = 0;
  const timer = setInterval(() => {
    if (response.destroyed || position >= body.length) {
      clearInterval(timer);
      response.end();
      return;
    }
    response.write(body.subarray(position, position + piece));
    position += piece;
  }, pause);
}
