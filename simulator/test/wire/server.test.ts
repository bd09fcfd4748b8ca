import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SimulatorResponse, Handler } from '../../wire/exchange.ts';
import type { FaultRule } from '../../wire/fault.ts';
import { createFaults, type FaultRegistry } from '../../wire/faults.ts';
import { startServer, type RunningServer, type ServerOptions } from '../../wire/server.ts';
import { createTrace } from '../../wire/trace.ts';

const running: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function serverWith(
  options: Partial<ServerOptions> & { handler: Handler },
): Promise<RunningServer & { faults: FaultRegistry }> {
  const faults = createFaults();
  const server = await startServer({ service: 'arm', faults, port: 0, ...options });
  running.push(server);
  return { ...server, faults };
}

/** Starts a server that counts its performed requests. */
async function counting(rule?: Omit<FaultRule, 'id'>, options: Partial<ServerOptions> = {}) {
  let done = 0;
  const server = await serverWith({ handler: () => ({ status: 200, body: { done: ++done } }), ...options });
  if (rule !== undefined) server.faults.add({ id: 'one', ...rule });
  return { ...server, done: () => done };
}

const until = async (condition: () => boolean): Promise<void> => {
  for (let left = 500; !condition(); left -= 1) {
    if (left === 0) throw new Error('It did not happen.');
    await sleep(2);
  }
};

describe('an exchange', () => {
  test('carries the request, and returns the answer', async () => {
    const server = await serverWith({
      handler: (exchange) => ({
        status: 202,
        headers: { Location: 'https://there' },
        body: {
          ...exchange,
          headers: { one: exchange.headers['x-one'] },
          body: exchange.body.toString(),
          json: exchange.json(),
        },
      }),
    });
    const answer = await fetch(`${server.url}/a%20b?c=%2F`, {
      method: 'PUT',
      headers: { 'X-One': 'two' },
      body: '{"x":1}',
    });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe('https://there');
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await answer.json()).toEqual({
      service: 'arm',
      method: 'PUT',
      path: '/a%20b?c=%2F',
      headers: { one: 'two' },
      body: '{"x":1}',
      json: { x: 1 },
      abortSignal: {},
    });
  });

  test.each<[string, SimulatorResponse['body'], string, string | null]>([
    ['nothing', undefined, '', null],
    ['a string as it is', 'a "b"', 'a "b"', null],
    ['bytes as they are', Buffer.from('bytes'), 'bytes', null],
    ['anything else as JSON', [1, { two: 'ü' }], '[1,{"two":"ü"}]', 'application/json; charset=utf-8'],
  ])('is answered with %s', async (_name, body, text, type) => {
    const server = await serverWith({ handler: () => ({ status: 200, body }) });
    const answer = await fetch(server.url);
    expect(await answer.text()).toBe(text);
    expect(answer.headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
    expect(answer.headers.get('content-type')).toBe(type);
  });

  test('is answered 500 after a failure, with one line on stderr, and the server continues', async () => {
    const told = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const server = await serverWith({
      handler: ({ path }) => {
        if (path === '/bad') throw new Error('no');
        return { status: 204 };
      },
    });
    const answer = await fetch(`${server.url}/bad`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([500, 'text/plain']);
    expect(told).toHaveBeenCalledTimes(1);
    expect((await fetch(server.url)).status).toBe(204);
    told.mockRestore();
  });

  test('notices a disconnected caller', async () => {
    let gone = false;
    const server = await serverWith({
      handler: (exchange) =>
        new Promise((resolve) =>
          exchange.abortSignal?.addEventListener('abort', () => {
            gone = true;
            resolve({ status: 200 });
          }),
        ),
    });
    await expect(fetch(server.url, { signal: AbortSignal.timeout(30) })).rejects.toThrow();
    await until(() => gone);
  });
});

test('marks the clock busy until the last byte of its answer, except during a hold', async () => {
  let working = 0;
  const seen: number[] = [];
  const track = () => {
    working += 1;
    return () => void (working -= 1);
  };
  const server = await counting(
    { point: 'received', path: '/hold', do: { kind: 'hold' } },
    {
      markBusy: track,
      handler: () => {
        seen.push(working);
        return { status: 200 };
      },
    },
  );
  await fetch(server.url);
  await until(() => working === 0);
  const held = fetch(`${server.url}/hold`);
  await until(() => server.faults.list()[0]?.acted === 1);
  expect(working).toBe(0);
  server.faults.remove('one');
  await held;
  await until(() => working === 0);
  expect(seen).toEqual([1, 1]);
});

describe('a fault', () => {
  const refuse: FaultRule['do'] = {
    kind: 'status',
    status: 429,
    headers: { 'Retry-After': '7' },
    body: { error: { code: 'TooMany' } },
  };

  test.each<[FaultRule['point'], number]>([
    ['received', 0],
    ['applied', 1],
  ])('status at %s: another answer, performed %i times', async (point, done) => {
    const server = await counting({ point, times: 1, do: refuse });
    const answer = await fetch(server.url);
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([
      429,
      '7',
      { error: { code: 'TooMany' } },
    ]);
    expect(server.done()).toBe(done);
    expect((await fetch(server.url)).status).toBe(200);
  });

  test.each<[FaultRule['point'], number]>([
    ['received', 0],
    ['applied', 1],
  ])('cut at %s: no answer, performed %i times', async (point, done) => {
    const server = await counting({ point, times: 1, do: { kind: 'cut' } });
    await expect(fetch(server.url)).rejects.toThrow();
    expect(server.done()).toBe(done);
    expect((await fetch(server.url)).status).toBe(200);
  });

  test('cut at answered: the answer arrives, and the connection ends', async () => {
    const server = await counting({ point: 'answered', do: { kind: 'cut' } });
    expect(await (await fetch(server.url)).json()).toEqual({ done: 1 });
    expect(await (await fetch(server.url)).json()).toEqual({ done: 2 });
  });

  test.each<[FaultRule['point'], number]>([
    ['received', 0],
    ['applied', 1],
  ])('delay and hold at %s: performed %i times before it continues', async (point, done) => {
    const server = await counting({ point, times: 1, do: { kind: 'delay', milliseconds: 60 } });
    server.faults.add({ id: 'two', point, path: 'hold', do: { kind: 'hold' } });
    const began = performance.now();
    await fetch(server.url);
    expect(performance.now() - began).toBeGreaterThanOrEqual(55);
    const held = fetch(`${server.url}/hold`);
    await until(() => server.faults.list()[1]?.acted === 1);
    await sleep(30);
    expect(server.done()).toBe(1 + done);
    server.faults.remove('two');
    expect(await (await held).json()).toEqual({ done: 2 });
  });

  test('hold: a held request is performed even when its caller has left', async () => {
    const server = await counting({ point: 'received', do: { kind: 'hold' } });
    await expect(fetch(server.url, { signal: AbortSignal.timeout(30) })).rejects.toThrow();
    expect(server.done()).toBe(0);
    server.faults.remove('one');
    await until(() => server.done() === 1);
  });
});

describe('a fault that kills', () => {
  /** A caller that sends a request on command, and prints every result to stdout. */
  const CALLER = `
    process.stdin.once('data', () => fetch(process.argv[1])
      .then((answer) => { console.log('answered', answer.status); return answer.text(); })
      .then(() => console.log('read'), () => console.log('failed')));`;

  async function killed(point: FaultRule['point']) {
    const sent: number[] = [];
    const record: ServerOptions['onResponse'] = (_exchange, answer) => {
      sent.push(answer.status);
      // The pause lets a running caller read the answer before its kill.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    };
    const server = await counting(undefined, { onResponse: record });
    const caller = spawn(process.execPath, ['-e', CALLER, server.url], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let said = '';
    caller.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    server.faults.add({ id: 'kill', point, do: { kind: 'kill', pid: caller.pid ?? 0 } });
    caller.stdin.write('go');
    const [, signal] = (await once(caller, 'close')) as [number | null, string | null];
    await until(() => point !== 'answered' || sent.length === 1);
    return { signal, said, sent, done: server.done(), acted: server.faults.list()[0]?.acted };
  }

  test('at received: not performed', async () => {
    expect(await killed('received')).toEqual({ signal: 'SIGKILL', said: '', sent: [], done: 0, acted: 1 });
  });

  test('at applied: performed, never answered', async () => {
    expect(await killed('applied')).toEqual({ signal: 'SIGKILL', said: '', sent: [], done: 1, acted: 1 });
  });

  test('at answered: performed, the answer completely sent, and never read', async () => {
    expect(await killed('answered')).toEqual({ signal: 'SIGKILL', said: '', sent: [200], done: 1, acted: 1 });
  });
});

test('a trace has every answered exchange as a line of JSON', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'trace-'));
  const trace = createTrace(join(folder, 'trace.ndjson'));
  const server = await counting(
    { point: 'received', path: 'text', do: { kind: 'status', status: 500, body: 'plain' } },
    { onResponse: (exchange, answer) => trace.record(exchange, answer) },
  );
  await (await fetch(`${server.url}/one?x=1`, { method: 'PUT', body: '{"in":1}' })).text();
  await (await fetch(`${server.url}/text`)).text();
  await until(() => readFileSync(join(folder, 'trace.ndjson'), 'utf8').split('\n').length === 3);
  trace.close();
  const lines = readFileSync(join(folder, 'trace.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(lines).toEqual([
    {
      method: 'PUT',
      path: '/one?x=1',
      status: 200,
      responseHeaders: { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': '10' },
      requestBody: { in: 1 },
      responseBody: { done: 1 },
    },
    {
      method: 'GET',
      path: '/text',
      status: 500,
      responseHeaders: { 'Content-Length': '5' },
      requestBody: null,
      responseBody: null,
    },
  ]);
  rmSync(folder, { recursive: true });
});
