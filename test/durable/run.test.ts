// The output of `npm run test:durable` on a machine without the .NET SDK.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const withoutDotnet = (...args: string[]) => {
  const { status, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, 'run.ts'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, PATH: '' },
  });
  return { status, stdout };
};

test('without dotnet the run fails with a message, and succeeds with --where-possible', () => {
  const stdout = expect.stringMatching(/^The run skips the scenarios .*: .* no `dotnet`\..*\n$/) as string;
  expect(withoutDotnet()).toEqual({ status: 1, stdout });
  expect(withoutDotnet('--where-possible')).toEqual({ status: 0, stdout });
});
