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

test('the demo brings VMs there and back and exits with 0 [OP-2] [OP-3] [OP-4] [OP-5]', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['local/demo.ts', '--exit', '--clock', 'jumping'],
    { cwd: root },
  );
  expect(stdout).toContain('failback   completed');
  expect(stdout).toContain(
    'Writes that Site Recovery accepted: 18, one for each VM and phase. Requests it did not know: 0.',
  );
  expect(stdout).toMatch(/after reprotect {2}web .*container-southeastasia\/web +protected, reversed/);
  expect(stdout).toMatch(/after failback {3}web .*container-eastasia\/web +protected, original/);
});
