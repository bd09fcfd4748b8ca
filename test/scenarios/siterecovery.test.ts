// The Site Recovery scenarios in the simulator, as `npm run scenarios` plays them. Each expectation
// must hold.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

test('the whole life of each scenario, through the real SDKs over TLS', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'siterecovery', 'run.ts')],
    { encoding: 'utf8', timeout: 110_000 },
  );
  expect(
    `${stdout
      .split('\n')
      .filter((line) => line.includes('SURPRISE'))
      .join('\n')}${stderr}`,
  ).toBe('');
  expect(stdout.trim().split('\n').at(-1)).toBe('No surprises.');
  expect(status).toBe(0);
});
