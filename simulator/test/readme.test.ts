// Runs the commands of the simulator's README in their order.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { readFaultFile } from '../wire/fault-file.ts';

const PACKAGE = join(import.meta.dirname, '..');
const ROOT = join(PACKAGE, '..');
const README = readFileSync(join(PACKAGE, 'README.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...README.matchAll(new RegExp('```' + language + '\\n(.*?)```', 'gs'))].map(([, text = '']) => text);

/** The README names these files of a data folder and of an app. */
const ELSEWHERE = ['addresses.json', 'package.json', 'host.json', 'local.settings.json'];

const folder = mkdtempSync(join(tmpdir(), 'readme-'));
/** Replaces the folders in the commands with folders of the test, and the port with any free port. */
const inFolder = (commands: string): string =>
  commands
    .replaceAll('./simulator/.simulator', folder)
    .replaceAll('.simulator/', `${folder}/`)
    .replaceAll('~/my-app', join(PACKAGE, 'test/host/apps/http'))
    .replaceAll('--port 7071', '--port 0');
/** The Node of this process comes first. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` };

const processes: ChildProcess[] = [];
afterAll(async () => {
  for (const child of processes) {
    if (child.pid === undefined || child.exitCode !== null) continue;
    process.kill(-child.pid, 'SIGTERM');
    await once(child, 'close');
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command that goes on. Returns its line with the addresses. */
async function startServers(command: string): Promise<string> {
  const child = spawn('bash', ['-c', command], {
    cwd: ROOT,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  processes.push(child);
  for await (const line of createInterface({ input: child.stdout }))
    if (line.startsWith('{"ready":')) return line;
  throw new Error(`It did not start: ${command}`);
}

test("the README's command starts the host with an app", async () => {
  const command = blocks('sh').find((block) => block.includes('npm run host')) ?? '';
  const { ready } = JSON.parse(await startServers(inFolder(command))) as { ready: { url: string } };
  expect((await fetch(`${ready.url}/v1/things`)).status).toBe(200);
});

test('every command of the README works, and shows the promised output', async () => {
  const [start = '', ...others] = blocks('sh')
    .filter((block) => !block.includes('npm run host'))
    .map(inFolder);
  await startServers(start);

  // One shell runs all commands, because later commands use the functions of earlier commands. Each
  // block ends with a mark.
  const commands = others.map((block) => `${block}\necho; echo '=== end of block'`).join('\n');
  const { stdout } = await promisify(execFile)('bash', ['-euc', commands], { cwd: ROOT, env });
  const [items, clock, faults, truth] = stdout.split('=== end of block');
  expect(items).toContain('"friendlyName":"web"');
  expect(clock).toMatch(/"now":"[^"]+","rate":null\}\{"now":/);
  expect(faults).toMatch(/429\n/);
  expect(faults).toMatch(/"id":"busy".*"acted":1/);
  expect(truth?.trim()).toMatch(/^\[\]\[\{"lifecycleId".*\]\[\]\{"taken":\d+,"throttled":0\}$/s);
});

test("the README's file of faults is valid", () => {
  const [shown = ''] = blocks('yaml');
  const file = join(folder, 'day.yaml');
  writeFileSync(file, shown);
  expect(readFaultFile(file)).toHaveLength((parse(shown) as { rules: unknown[] }).rules.length);
});

test('the README lists exactly the options of the Azure servers', () => {
  const options = [...README.matchAll(/^\| (.*?) \|.*$/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(--[\w-]+)/g)].map(([, name = '']) => name),
  );
  const usage = readFileSync(join(PACKAGE, 'azure-servers.ts'), 'utf8').split('import')[0] ?? '';
  expect(options.sort()).toEqual([...usage.matchAll(/--[\w-]+/g)].map(([name]) => name).sort());
});

test('every file named in the README exists, and the page stays short', () => {
  expect(README.length).toBeLessThan(10 * 1024);
  const named = [...README.matchAll(/`([\w/-]+\.(?:ts|json|yaml))`/g)].map(([, name = '']) => name);
  const linked = [...README.matchAll(/\]\(([^)]+)\)/g)].map(([, name = '']) => name);
  expect(named.length).toBeGreaterThan(5);
  for (const name of [...named, ...linked].filter((one) => !ELSEWHERE.includes(one)))
    expect(() => readFileSync(join(PACKAGE, name))).not.toThrow();
});
