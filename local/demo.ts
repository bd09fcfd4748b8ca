// `npm run demo`: the three tiers of the sample environment's shop fail over, are committed,
// reprotected and failed back, with what happened told.

import { parseArgs } from 'node:util';
import { buildApp } from '../scripts/build-app.ts';
import { clockMode } from '../simulator/clock/local-clock.ts';
import { engineName } from '../simulator/host/durable-engine.ts';
import { startLifeboat } from './lifeboat.ts';
import type { Simulator } from '../simulator/simulator.ts';
import { SHOP, vmsNamed, type KnownVm } from './known-vms.ts';
import { duration, play, type ToldJob } from './story.ts';
import { runNow } from './caller.ts';

const { values } = parseArgs({
  options: {
    exit: { type: 'boolean', default: false },
    trace: { type: 'string' },
    clock: { type: 'string', default: 'scaled:150' },
    engine: { type: 'string', default: 'simulated' },
    'port-base': { type: 'string' },
  },
});

/**
 * `.../container-eastasia/replicationProtectedItems/web` -> `container-eastasia/web`: the part of
 * an ARM id that a reprotect changes.
 */
const place = (armId: string): string =>
  armId.replace(
    /^.*\/replicationProtectionContainers\/([^/]+)\/replicationProtectedItems\/([^/]+)$/i,
    '$1/$2',
  );

interface Seen {
  readonly after: string;
  readonly vms: readonly KnownVm[];
}

async function tellStory(simulator: Simulator): Promise<{ jobs: ToldJob[]; seen: Seen[] }> {
  await runNow(simulator, 'readVaults');
  const vms = await vmsNamed(simulator, SHOP);
  const ids = vms.map((vm) => vm.id);
  const cacheStorageAccountId = `${vms[0]?.sites.reversed.resourceGroupId}/providers/Microsoft.Storage/storageAccounts/shopcachesoutheastasia`;
  const jobs: ToldJob[] = [];
  const seen: Seen[] = [{ after: 'at the start', vms }];
  for (const command of [
    { operation: 'failover' },
    { operation: 'commit' },
    { operation: 'reprotect', cacheStorageAccountId },
    { operation: 'failback' },
  ]) {
    console.log(`\n${command.operation}`);
    const job = await play(simulator, { ...command, vms: ids, ticket: 'demo' }, console.log);
    console.log(`  => ${job.state} after ${duration(job.seconds ?? 0)} of story time`);
    jobs.push(job);
    seen.push({ after: `after ${command.operation}`, vms: await vmsNamed(simulator, SHOP) });
  }
  return { jobs, seen };
}

function sum(jobs: readonly ToldJob[], seen: readonly Seen[], writes: number, unknown: number): void {
  console.log('\nWhat Site Recovery called each VM, and what Lifeboat called it');
  for (const { after, vms } of seen)
    for (const vm of vms)
      console.log(
        `  ${after.padEnd(16)} ${vm.name.padEnd(4)} ${vm.id}  ${place(vm.armId).padEnd(28)} ` +
          `${vm.state}, ${vm.direction}`,
      );
  console.log('\nHow long it took, in story time');
  for (const job of jobs) {
    const slowest = Math.max(...job.steps.map((step) => step.siteRecovery.seconds ?? 0));
    console.log(
      `  ${job.operation.padEnd(10)} ${job.state.padEnd(10)} ` +
        `${duration(job.seconds ?? 0).padEnd(13)} (Site Recovery's slowest job: ` +
        `${duration(slowest)})`,
    );
  }
  console.log(
    `\nWrites that Site Recovery accepted: ${writes}, one for each VM and phase. Requests it ` +
      `did not know: ${unknown}.`,
  );
}

/** The ARM ids went there and back, ours stayed, and nothing was written twice. */
function whatIsWrong(
  jobs: readonly ToldJob[],
  seen: readonly Seen[],
  writes: number,
  unknown: number,
): string[] {
  const places = (index: number) =>
    (seen.at(index)?.vms ?? []).map((vm) => place(vm.armId).toLowerCase()).join();
  const ids = new Set(seen.map(({ vms }) => vms.map((vm) => vm.id).join()));
  const phases = jobs.flatMap((job) => job.steps).length;
  return [
    ...jobs
      .filter((job) => job.state !== 'completed')
      .map(
        (job) =>
          `${job.operation} ended ${job.state}: ` +
          job.exceptions.map((one) => `${one.vmName}: ${one.message}`).join('; '),
      ),
    ...(ids.size === 1 ? [] : ["Lifeboat's ids changed."]),
    ...(places(0) !== places(3) ? [] : ['The ARM ids did not change with the reprotect.']),
    ...(places(0) === places(-1) ? [] : ['The ARM ids did not come back with the failback.']),
    ...(writes === phases ? [] : [`${writes} writes for ${phases} steps.`]),
    ...(unknown === 0 ? [] : [`${unknown} requests were not known to Azure in the simulator.`]),
  ];
}

async function run(simulator: Simulator): Promise<boolean> {
  console.log(
    `Lifeboat: ${simulator.host.url}, Azure in the simulator: ${simulator.addresses.arm}, ` +
      `story time: ${values.clock}, Durable engine: ${values.engine}`,
  );
  const { jobs, seen } = await tellStory(simulator);
  const writes = (await simulator.siteRecovery.writes()).length;
  const unknown = (await simulator.siteRecovery.unknown()).length;
  sum(jobs, seen, writes, unknown);
  const wrong = whatIsWrong(jobs, seen, writes, unknown);
  for (const line of wrong) console.error(`Wrong: ${line}`);
  return wrong.length === 0;
}

await buildApp();
const { trace } = values;
const portBase = values['port-base'];
const simulator = await startLifeboat({
  clock: clockMode(values.clock),
  engine: engineName(values.engine),
  ...(trace === undefined ? {} : { trace }),
  ...(portBase === undefined ? {} : { portBase: Number(portBase) }),
});
process.once('SIGINT', () => void simulator.stop().then(() => process.exit(130)));
let good = false;
try {
  good = await run(simulator);
} finally {
  if (values.exit || !good) await simulator.stop();
}
process.exitCode = good ? 0 : 1;
if (!values.exit && good)
  console.log('\nThe simulator goes on: try it with curl as the README shows. Ctrl-C stops it.');
