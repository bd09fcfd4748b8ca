// Starts the simulator as processes, with and without Lifeboat. The tests kill its processes, move its
// clock, and check its errors.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLifeboat, type LocalOptions } from '../../local/start-lifeboat.ts';
import type { Simulator } from '../../simulator/simulator.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const HOUR = 3600;

const simulators: Simulator[] = [];
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'launch-'));
});
afterEach(async () => {
  for (const simulator of simulators.splice(0)) await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

const HELLO = `
  import { app } from '@azure/functions';
  app.http('hello', { authLevel: 'anonymous', handler: () => ({ body: 'hello' }) });`;

/** An app without timers: simulated time stays where the test sets it. */
function smallApp(main = HELLO): string {
  const app = join(folder, 'app');
  mkdirSync(app, { recursive: true });
  writeFileSync(
    join(app, 'package.json'),
    JSON.stringify({ name: 'small', type: 'module', main: 'main.mjs' }),
  );
  writeFileSync(join(app, 'main.mjs'), main);
  if (!existsSync(join(app, 'node_modules')))
    symlinkSync(join(ROOT, 'node_modules'), join(app, 'node_modules'));
  return app;
}
async function started(options: LocalOptions = {}): Promise<Simulator> {
  const simulator = await startLifeboat({ clock: 'jumping', app: smallApp(), ...options });
  simulators.push(simulator);
  return simulator;
}

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let left = 4_000; !(await condition()); left -= 1) {
    if (left === 0) throw new Error('It did not happen.');
    await sleep(10);
  }
}

describe('the simulator', () => {
  test('with Lifeboat, the app gets its settings and a token that it accepts', async () => {
    const simulator = await started({ app: ROOT });
    const list = async (token: string) => {
      const answer = await fetch(new URL('/api/v1/replications', simulator.host.url), {
        headers: { Authorization: `Bearer ${token}` },
      });
      return [answer.status, await answer.json()] as const;
    };
    const token = await simulator.token('reader');
    await until(async () => {
      const [status, body] = await list(token);
      return (
        status === 200 &&
        (body as { replications: unknown[] }).replications.length ===
          (await simulator.siteRecovery.items()).length
      );
    });
    expect((await list(`${token}x`))[0]).toBe(401);
    expect((await list(await simulator.token('stranger')))[0]).toBe(403);
    expect(await simulator.siteRecovery.unknown()).toEqual([]);
  });

  test('refuses the real Durable engine on a jumping clock, and leaves nothing behind', async () => {
    const data = join(folder, 'real');
    await expect(startLifeboat({ engine: 'real', clock: 'jumping', data })).rejects.toThrow(
      'The real Durable engine needs a clock that flows: real or scaled:N, not jumping.',
    );
    expect(readdirSync(data)).toEqual([]);
  });

  test('keeps Azure alive while the host is dead, and restarts the host in the same state', async () => {
    const simulator = await started();
    const { url, pid } = simulator.host;
    await simulator.host.kill();
    expect([alive(pid), simulator.host.isRunning, alive(simulator.azureServers.pid)]).toEqual([
      false,
      false,
      true,
    ]);
    expect(() => simulator.host.pid).toThrow('The host is down.');
    await expect(fetch(url)).rejects.toThrow();
    expect(await simulator.siteRecovery.writes()).toEqual([]);
    await simulator.host.start();
    expect(simulator.host.url).toBe(url);
    expect(simulator.host.pid).not.toBe(pid);
    await expect(simulator.host.start()).rejects.toThrow('The host is already running.');
  });

  test('lets a fault kill the host, and notices the kill', async () => {
    const simulator = await started({ app: ROOT });
    await simulator.faults.add({
      id: 'kill',
      point: 'applied',
      service: 'cosmos',
      times: 1,
      do: { kind: 'kill', pid: simulator.host.pid },
    });
    const ended = simulator.host.ended();
    await fetch(new URL('/api/v1/replications', simulator.host.url), {
      headers: { Authorization: `Bearer ${await simulator.token('reader')}` },
    }).catch(() => undefined);
    await ended;
    expect(simulator.host.isRunning).toBe(false);
    expect(await simulator.faults.list()).toMatchObject([{ id: 'kill', acted: 1 }]);
    await simulator.faults.remove('kill');
    expect(await simulator.faults.list()).toEqual([]);
    await simulator.host.start();
  });

  test('continues after a kill and a restart of Azure itself', async () => {
    const simulator = await started({ app: ROOT });
    const { addresses } = simulator;
    const list = async () =>
      (
        await fetch(new URL('/api/v1/replications', simulator.host.url), {
          headers: { Authorization: `Bearer ${await simulator.token('reader')}` },
        })
      ).status;
    expect(await list()).toBe(200);
    const moment = await simulator.now();
    await simulator.azureServers.kill();
    await simulator.azureServers.start();
    expect(simulator.addresses).toEqual(addresses);
    expect(await list()).toBe(200);
    // The app's timers continue: the host has found the clock again.
    await until(async () => (await simulator.now()).getTime() > moment.getTime() + HOUR * 1000);
  });

  test('moves simulated time by hand while the host is dead', async () => {
    const simulator = await started();
    await simulator.host.kill();
    const before = await simulator.now();
    expect((await simulator.advance(HOUR)).getTime() - before.getTime()).toBe(HOUR * 1000);
  });

  test('leaves no process and no folder behind when it stops', async () => {
    const simulator = await started();
    const pids = [simulator.host.pid, simulator.azureServers.pid];
    expect(existsSync(simulator.data)).toBe(true);
    await simulator.stop();
    expect([...pids.map(alive), existsSync(simulator.data)]).toEqual([false, false, false]);
  });

  test('leaves no process behind after a kill', async () => {
    const starter = join(folder, 'starter.ts');
    writeFileSync(
      starter,
      `
      import { startLifeboat } from ${JSON.stringify(join(ROOT, 'local', 'start-lifeboat.ts'))};
      const options = ${JSON.stringify({ app: smallApp(), data: join(folder, 'data') })};
      const simulator = await startLifeboat(options);
      console.log(JSON.stringify([simulator.host.pid, simulator.azureServers.pid]));`,
    );
    const parent = spawn(process.execPath, [starter], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [output] = (await once(parent.stdout, 'data')) as [Buffer];
    const pids = JSON.parse(output.toString()) as number[];
    expect(pids.map(alive)).toEqual([true, true]);
    parent.kill('SIGKILL');
    await until(() => !pids.some(alive));
  });

  test('continues with the same folder: same addresses, simulated time and identities', async () => {
    const data = join(folder, 'data');
    const first = await started({ data });
    const { addresses } = first;
    // Git ignores the folder under any name.
    expect(readFileSync(join(data, '.gitignore'), 'utf8')).toBe('*\n');
    const token = await first.token('colleague');
    await first.advance(HOUR);
    const moment = await first.now();
    await first.stop();

    const second = await started({ data });
    expect(second.addresses).toEqual(addresses);
    expect(await second.now()).toEqual(moment);
    const vault = `${addresses.arm}${addresses.vaults[0] ?? ''}?api-version=2025-08-01`;
    expect(await statusOf(vault, addresses.caFile, token)).toBe(200);
  });

  test('writes the exchanges of the ARM server to a file', async () => {
    const trace = join(folder, 'trace.ndjson');
    const simulator = await started({ trace });
    const { addresses } = simulator;
    const path = `${addresses.vaults[0] ?? ''}/replicationProtectedItems?api-version=2025-08-01`;
    expect(
      await statusOf(`${addresses.arm}${path}`, addresses.caFile, await simulator.token('colleague')),
    ).toBe(200);
    await until(() => readFileSync(trace, 'utf8').includes('\n'));
    expect(JSON.parse(readFileSync(trace, 'utf8'))).toMatchObject({
      method: 'GET',
      path,
      status: 200,
      requestBody: null,
      responseBody: { value: expect.any(Array) as unknown },
    });
  });

  test("prints the app's output when the host does not start, and stops the rest", async () => {
    const data = join(folder, 'data');
    await expect(
      startLifeboat({ app: smallApp('throw new Error("no such setting");'), data }),
    ).rejects.toThrow(/^The host did not start\. [^]*no such setting/);
    const { admin } = JSON.parse(readFileSync(join(data, 'addresses.json'), 'utf8')) as { admin: string };
    await expect(fetch(admin)).rejects.toThrow();
  });

  test('reports the port that is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    await expect(startLifeboat({ app: smallApp(), portBase: port })).rejects.toThrow(
      `Port ${port} of 127.0.0.1, meant for arm, is in use`,
    );
    taken.close();
  });
});

describe('the admin server', () => {
  test('refuses an invalid fault and an unknown process', async () => {
    const simulator = await started();
    await expect(
      simulator.faults.add({ id: 'one', point: 'received', do: { kind: 'kill', pid: 0 } }),
    ).rejects.toThrow('400');
    await expect(
      simulator.faults.add({ id: 'one', point: 'answered', do: { kind: 'stick' } }),
    ).rejects.toThrow('stick');
    await expect(simulator.token('nobody')).rejects.toThrow('No principal has the name');
    expect(await simulator.faults.list()).toEqual([]);
  });
});

test.each([
  [['--data', 'here', '--containers', 'here', '--clock', 'soon'], '"soon" is not a clock'],
  [
    ['--data', 'here', '--containers', 'here', '--cosmos-ranges', 'x'],
    '--cosmos-ranges must be a whole number',
  ],
  [['--data', 'here', '--colour', 'red'], "Unknown option '--colour'"],
  [[], '--data is missing'],
])('the Azure servers refuse %j in one line', async (args, message) => {
  const child = spawn(process.execPath, [join(ROOT, 'simulator', 'azure-servers.ts'), ...args], {
    stdio: ['ignore', 'inherit', 'pipe'],
    cwd: folder,
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number];
  expect([code, output.trim().split('\n').length]).toEqual([1, 1]);
  expect(output).toContain(message);
  expect(output).toContain('Usage: ');
});

/** A request from a process that trusts the simulator. */
async function statusOf(url: string, caFile: string, token: string): Promise<number> {
  const child = spawn(
    process.execPath,
    [
      '-e',
      'fetch(process.argv[1], { headers: { Authorization: `Bearer ${process.argv[2]}` } ' +
        '}).then((answer) => console.log(answer.status))',
      url,
      token,
    ],
    { env: { ...process.env, NODE_EXTRA_CA_CERTS: caFile }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  for await (const chunk of child.stdout) output += String(chunk);
  return Number(output);
}
