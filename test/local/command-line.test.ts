// The commands for people: wrong options get a plain answer, and the death of a process shows.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLifeboat } from '../../local/start-lifeboat.ts';
import { waitForDeath } from '../../local/watch-processes.ts';

const ROOT = join(import.meta.dirname, '..', '..');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'command-line-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const runScript = (script: string, args: readonly string[]) =>
  spawnSync(process.execPath, [join(ROOT, script), ...args], { encoding: 'utf8', cwd: ROOT });

test.each([
  ['local/start.ts', ['--colour', 'red'], "Unknown option '--colour'", 'npm start --'],
  ['local/start.ts', ['--clock', 'soon'], '"soon" is not a clock', 'npm start --'],
  ['local/start.ts', ['--port-base', 'x'], '--port-base must be a number', 'npm start --'],
  ['local/start.ts', ['--port-base', '70000'], '--port-base must be a number', 'npm start --'],
  ['local/demo.ts', ['--scenario', 'moon'], '--scenario must be one of azureToAzure, ', 'npm run demo --'],
  ['local/demo.ts', ['--engine', 'steam'], '"steam" is no engine', 'npm run demo --'],
])('%s refuses %j in one line, and shows the help', (script, args, message, help) => {
  const { status, stdout, stderr } = runScript(script, args);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr.split('\n')[0]).toContain(message);
  expect(stderr).toContain(help);
  expect(stderr).not.toMatch(/^ +at /m);
});

/** An app without functions that do anything. */
function emptyApp(): string {
  const app = join(folder, 'app');
  mkdirSync(app);
  writeFileSync(
    join(app, 'package.json'),
    JSON.stringify({ name: 'empty', type: 'module', main: 'main.mjs' }),
  );
  writeFileSync(
    join(app, 'main.mjs'),
    "import { app } from '@azure/functions'; app.http('a', { handler: () => ({}) });",
  );
  symlinkSync(join(ROOT, 'node_modules'), join(app, 'node_modules'));
  return app;
}

test('a second start on the same folder is refused, and changes nothing there', async () => {
  const data = join(folder, 'data');
  const simulator = await startLifeboat({ data, app: emptyApp(), clock: 'jumping' });
  const addresses = readFileSync(join(data, 'addresses.json'), 'utf8');
  await expect(startLifeboat({ data, app: simulator.data, clock: 'jumping' })).rejects.toThrow(
    `The folder ${data} is in use by another simulator.`,
  );
  expect(readFileSync(join(data, 'addresses.json'), 'utf8')).toBe(addresses);
  expect((await fetch(simulator.host.url)).status).toBe(204);
  await simulator.stop();
});

test.each([
  ['host', 'The host with Lifeboat has ended by itself.', 'Running a from'],
  ['azureServers', 'Azure in the simulator has ended by itself.', 'The end of'],
] as const)('the death of a process (%s) is reported with the end of its log', async (name, text, log) => {
  const simulator = await startLifeboat({ data: join(folder, 'data'), app: emptyApp(), clock: 'jumping' });
  const report = waitForDeath(simulator, () => false);
  await simulator[name].kill();
  expect(await report).toContain(text);
  expect(await report).toContain(log);
  expect([simulator.host.isRunning, simulator.azureServers.isRunning]).toEqual([false, false]);
});

test('an ordered stop is no death', async () => {
  const simulator = await startLifeboat({ data: join(folder, 'data'), app: emptyApp(), clock: 'jumping' });
  const report = waitForDeath(simulator, () => true);
  await simulator.stop();
  expect(await report).toBeUndefined();
});

test('a full disk ends the process of the simulator, with its reason', () => {
  const script = join(folder, 'full.ts');
  writeFileSync(
    script,
    `import { DataFile } from ${JSON.stringify(join(ROOT, 'simulator', 'data-file.ts'))};
     const file = new DataFile(${JSON.stringify(join(folder, 'full.sqlite'))}, 'CREATE TABLE a (b)');
     file.run('PRAGMA max_page_count = 3');
     try { file.transaction(() => file.run('INSERT INTO a VALUES (zeroblob(100000))')); } catch {}
     setTimeout(() => console.log('it goes on'), 100);`,
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toContain('database or disk is full');
});
