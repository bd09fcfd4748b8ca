// `npm run demo`: runs failover, commit, reprotect and failback for the three tiers of the sample
// shop, and prints each change. Fails when a result is wrong.

import { parseArgs } from 'node:util';
import { buildApp } from '../scripts/build-app.ts';
import { parseClockMode } from '../simulator/clock/local-clock.ts';
import { parseEngineName } from '../simulator/host/durable-engine.ts';
import { parsePortBase, readOptions } from './command-line.ts';
import { startLifeboat } from './start-lifeboat.ts';
import type { Simulator } from '../simulator/simulator.ts';
import { SHOP_VM_NAMES, findVmsByName, type KnownVm } from './known-vms.ts';
import { formatDuration, runOperation, type JobReply } from './run-operation.ts';
import { runFunctionNow } from './api-client.ts';

const HELP = `npm run demo -- [--exit] [--clock real|scaled:N|jumping] [--engine simulated|real]
  [--port-base N] [--trace FILE]

  --exit       ends after the demo; left out: the simulator keeps running
  --clock      simulated time; default: scaled:150
  --engine     the engine of the durable functions; default: simulated; real needs the .NET SDK
  --port-base  the first port; left out: any free ports
  --trace      writes every exchange with Azure Resource Manager to this file`;

const options = readOptions(() => {
  const { values } = parseArgs({
    options: {
      exit: { type: 'boolean', default: false },
      trace: { type: 'string' },
      clock: { type: 'string', default: 'scaled:150' },
      engine: { type: 'string', default: 'simulated' },
      'port-base': { type: 'string' },
    },
  });
  const { exit, trace, 'port-base': portBase } = values;
  return {
    exit,
    clock: parseClockMode(values.clock),
    engine: parseEngineName(values.engine),
    ...(trace === undefined ? {} : { trace }),
    ...(portBase === undefined ? {} : { portBase: parsePortBase(portBase) }),
  };
}, HELP);

/**
 * `.../container-eastasia/replicationProtectedItems/web` -> `container-eastasia/web`: a reprotect
 * changes this end of an ARM id.
 */
const itemPathOf = (armId: string): string =>
  armId.replace(
    /^.*\/replicationProtectionContainers\/([^/]+)\/replicationProtectedItems\/([^/]+)$/i,
    '$1/$2',
  );

interface VmSnapshot {
  readonly moment: string;
  readonly vms: readonly KnownVm[];
}

async function runOperations(simulator: Simulator): Promise<{ jobs: JobReply[]; snapshots: VmSnapshot[] }> {
  await runFunctionNow(simulator, 'readVaults');
  const vms = await findVmsByName(simulator, SHOP_VM_NAMES);
  const ids = vms.map((vm) => vm.id);
  const cacheStorageAccountId = `${vms[0]?.sites.reversed.resourceGroupId}/providers/Microsoft.Storage/storageAccounts/shopcachesoutheastasia`;
  const jobs: JobReply[] = [];
  const seen: VmSnapshot[] = [{ moment: 'at the start', vms }];
  for (const command of [
    { operation: 'failover' },
    { operation: 'commit' },
    { operation: 'reprotect', cacheStorageAccountId },
    { operation: 'failback' },
  ]) {
    console.log(`\n${command.operation}`);
    const job = await runOperation(simulator, { ...command, vms: ids, ticket: 'demo' }, console.log);
    console.log(`  => ${job.state} after ${formatDuration(job.seconds ?? 0)} of simulated time`);
    jobs.push(job);
    seen.push({ moment: `after ${command.operation}`, vms: await findVmsByName(simulator, SHOP_VM_NAMES) });
  }
  return { jobs, snapshots: seen };
}

function printSummary(
  jobs: readonly JobReply[],
  snapshots: readonly VmSnapshot[],
  writeCount: number,
  unknownCount: number,
): void {
  console.log('\nThe names of each VM in Site Recovery and in Lifeboat');
  for (const { moment, vms } of snapshots)
    for (const vm of vms)
      console.log(
        `  ${moment.padEnd(16)} ${vm.name.padEnd(4)} ${vm.id}  ${itemPathOf(vm.armId).padEnd(28)} ` +
          `${vm.state}, ${vm.direction}`,
      );
  console.log('\nDurations in simulated time');
  for (const job of jobs) {
    const slowest = Math.max(...job.steps.map((step) => step.siteRecovery.seconds ?? 0));
    console.log(
      `  ${job.operation.padEnd(10)} ${job.state.padEnd(10)} ` +
        `${formatDuration(job.seconds ?? 0).padEnd(13)} (Site Recovery's slowest job: ` +
        `${formatDuration(slowest)})`,
    );
  }
  console.log(
    `\nWrites that Site Recovery accepted: ${writeCount}, one for each VM and phase. Requests it ` +
      `did not know: ${unknownCount}.`,
  );
}

/**
 * Checks the result: the ARM ids changed and came back, Lifeboat ids stayed, and no write happened
 * twice.
 */
function findErrors(
  jobs: readonly JobReply[],
  snapshots: readonly VmSnapshot[],
  writeCount: number,
  unknownCount: number,
): string[] {
  const itemPathsAt = (index: number) =>
    (snapshots.at(index)?.vms ?? []).map((vm) => itemPathOf(vm.armId).toLowerCase()).join();
  const ids = new Set(snapshots.map(({ vms }) => vms.map((vm) => vm.id).join()));
  const stepCount = jobs.flatMap((job) => job.steps).length;
  return [
    ...jobs
      .filter((job) => job.state !== 'completed')
      .map(
        (job) =>
          `${job.operation} ended ${job.state}: ` +
          job.exceptions.map((exception) => `${exception.vmName}: ${exception.message}`).join('; '),
      ),
    ...(ids.size === 1 ? [] : ["Lifeboat's ids changed."]),
    ...(itemPathsAt(0) !== itemPathsAt(3) ? [] : ['The ARM ids did not change with the reprotect.']),
    ...(itemPathsAt(0) === itemPathsAt(-1) ? [] : ['The ARM ids did not come back with the failback.']),
    ...(writeCount === stepCount ? [] : [`${writeCount} writes for ${stepCount} steps.`]),
    ...(unknownCount === 0 ? [] : [`${unknownCount} requests were unknown to Azure in the simulator.`]),
  ];
}

async function runDemo(simulator: Simulator): Promise<boolean> {
  console.log(
    `Lifeboat: ${simulator.host.url}, Azure in the simulator: ${simulator.addresses.arm}, ` +
      `simulated time: ${options.clock}, Durable engine: ${options.engine}`,
  );
  const { jobs, snapshots } = await runOperations(simulator);
  const writes = (await simulator.siteRecovery.writes()).length;
  const unknown = (await simulator.siteRecovery.unknown()).length;
  printSummary(jobs, snapshots, writes, unknown);
  const errors = findErrors(jobs, snapshots, writes, unknown);
  for (const line of errors) console.error(`Wrong: ${line}`);
  return errors.length === 0;
}

await buildApp();
const { exit, ...simulatorOptions } = options;
const simulator = await startLifeboat(simulatorOptions);
process.once('SIGINT', () => void simulator.stop().then(() => process.exit(130)));
let succeeded = false;
try {
  succeeded = await runDemo(simulator);
} finally {
  if (exit || !succeeded) await simulator.stop();
}
process.exitCode = succeeded ? 0 : 1;
if (!exit && succeeded)
  console.log('\nThe simulator keeps running: try it with curl as the README shows. Ctrl-C stops it.');
