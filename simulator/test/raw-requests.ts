// Shared helpers of the Azure tests: callers, raw requests, and temporary folders.

import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { SimulatorResponse } from '../wire/exchange.ts';

const folders: string[] = [];

/** Creates a folder that exists until the tests of the file end. */
export function newFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Accepts every bearer token as the name of its principal. */
export function authenticate(
  header: string | undefined,
): { principal: string } | { refused: SimulatorResponse } {
  const principal = /^Bearer (\S+)$/.exec(header ?? '')?.[1];
  return principal === undefined
    ? {
        refused: {
          status: 401,
          body: { error: { code: 'AuthenticationFailed', message: 'Authentication failed.' } },
        },
      }
    : { principal };
}

export async function collect<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of pages) found.push(one);
  return found;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

export interface RawRequest {
  readonly method: string;
  /** A path without an API version gets one. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly ca: string;
}

/** Sends a raw request, without the SDK. */
export function sendRawRequest(
  base: string,
  { method, path, body, headers, ca }: RawRequest,
): Promise<RawAnswer> {
  const target = new URL(path.includes('?') ? path : `${path}?api-version=2024-03-01`, base);
  return new Promise((resolve, reject) => {
    const sent = request(
      target,
      { method, headers, ca, agent: new Agent({ keepAlive: false }) },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: text === '' ? undefined : (JSON.parse(text) as unknown),
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
