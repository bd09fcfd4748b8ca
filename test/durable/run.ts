// `npm run test:durable [-- --only demo|plan|kills] [--where-possible]` plays scenarios on
// Microsoft's own Durable extension. The clock is scaled:60 unless LIFEBOAT_TEST_CLOCK sets
// another. Without `dotnet` the run fails. With --where-possible it prints a message and succeeds.
import { parseArgs } from 'node:util';
import { buildApp } from '../../scripts/build-app.ts';
import { dotnetVersion } from '../../simulator/host/real-durable/dotnet.ts';

const { values } = parseArgs({
  options: { only: { type: 'string' }, 'where-possible': { type: 'boolean', default: false } },
});

async function run(): Promise<boolean> {
  // The test support reads this setting when it loads.
  process.env.LIFEBOAT_TEST_ENGINE = 'real';
  const { DURABLE_SCENARIOS } = await import('./scenarios.ts');
  const chosen = DURABLE_SCENARIOS.filter(({ name }) => values.only === undefined || values.only === name);
  if (chosen.length === 0) {
    const names = DURABLE_SCENARIOS.map(({ name }) => name).join(', ');
    console.error(`"${values.only ?? ''}" is no scenario. The scenarios are: ${names}.`);
    return false;
  }
  await buildApp();
  const failed: string[] = [];
  for (const { name, title, run: play } of chosen) {
    const began = performance.now();
    const error = await play().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const seconds = Math.round((performance.now() - began) / 1000);
    console.log(`${error === undefined ? 'Passed' : 'FAILED'} (${seconds} s): ${title}`);
    if (error === undefined) continue;
    console.error(error);
    failed.push(name);
  }
  const passed = chosen.filter(({ name }) => !failed.includes(name)).map(({ name }) => name);
  console.log(
    `On the real Durable extension passed: ${passed.join(', ') || 'nothing'}. ` +
      `Failed: ${failed.join(', ') || 'nothing'}.`,
  );
  return failed.length === 0;
}

if (dotnetVersion() === undefined) {
  console.log(
    'The run skips the scenarios on the real Durable extension: the extension is a .NET program, and ' +
      'this machine has no `dotnet`. Only the simulated engine has a test result.',
  );
  process.exitCode = values['where-possible'] ? 0 : 1;
} else {
  process.exitCode = (await run()) ? 0 : 1;
}
