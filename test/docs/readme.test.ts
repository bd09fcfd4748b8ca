// The commands of the README are true.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..', '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

test('every npm script in the documents exists', () => {
  const text = readme + readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
  const named = [...text.matchAll(/npm (?:run )?(start|test|[a-z]+)(?= |`|$|\n)/g)]
    .map((match) => match[1] ?? '')
    .filter((name) => !['ci', 'scripts', 'and', 'prune', 'run'].includes(name));
  expect(named.length).toBeGreaterThan(4);
  for (const name of named) expect(scripts).toHaveProperty(name);
});

/** Throws unless the demo exits with 0. */
const runDemo = async (...args: readonly string[]): Promise<string> =>
  (
    await promisify(execFile)(process.execPath, ['local/demo.ts', '--exit', '--clock', 'jumping', ...args], {
      cwd: root,
    })
  ).stdout;

test('the demo brings VMs there and back and exits with 0 [OP-2] [OP-3] [OP-4] [OP-5]', async () => {
  const stdout = await runDemo();
  expect(stdout).toContain('failback   completed');
  expect(stdout).toContain(
    'Writes that Site Recovery accepted: 18, one for each VM and phase. Requests it did not know: 0.',
  );
  expect(stdout).toMatch(/after reprotect {2}web .*container-southeastasia\/web +protected, reversed/);
  expect(stdout).toMatch(/after failback {3}web .*container-eastasia\/web +protected, original/);
});

// Also covers [H2A-3] [H2A-6].
test('the demo of Hyper-V registers hosts and brings VMs there and back [H2A-1] [H2A-2] [H2A-5]', async () => {
  const stdout = await runDemo('--scenario', 'hyperVToAzure');
  for (const host of ['office-hv-01', 'office-hv-02', 'office-hv-03'])
    expect(stdout).toContain(`${host} is connected`);
  expect(stdout).toMatch(/after failover +erp-web .* failedOver, reversed/);
  expect(stdout).toMatch(/after failback +erp-web .* protected, original/);
  expect(stdout).toContain(
    'Writes that Site Recovery accepted: 27, one for each prerequisite, VM and phase. Requests it did not know: 0.',
  );
});
