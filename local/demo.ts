// `npm run demo`: moves VMs of one scenario there and back, and prints each change. Fails when a
// result is wrong.

import { parseArgs } from 'node:util';
import { buildApp } from '../scripts/build-app.ts';
import { parseClockMode } from '../simulator/clock/local-clock.ts';
import { parseEngineName } from '../simulator/host/durable-engine.ts';
import { parsePortBase, readOptions } from './command-line.ts';
import { startLifeboat } from './start-lifeboat.ts';
import type { Simulator } from '../simulator/simulator.ts';
import { DEFAULT_SCENARIO, parseScenario, SCENARIO_NAMES } from './demo-scenarios/demo-scenarios.ts';
import type { DemoScenario, RunCommand } from './demo-scenarios/demo-scenario.ts';
import { findVmsByName, type KnownVm } from './known-vms.ts';
import { formatDuration, runOperation, type JobReply, type StepReply } from './run-operation.ts';
import { runFunctionNow } from './api-client.ts';

const HELP = `npm run demo -- [--scenario NAME] [--exit] [--clock real|scaled:N|jumping]
  [--engine simulated|real] [--port-base N] [--trace FILE]

  --scenario   ${SCENARIO_NAMES.join(' or ')}; default: ${DEFAULT_SCENARIO}
  --exit       ends after the demo; left out: the simulator keeps running
  --clock      simulated time; default: scaled:150
  --engine     the engine of the durable functions; default: simulated; real needs the .NET SDK
  --port-base  the first port; left out: any free ports
  --trace      writes every exchange with Azure Resource Manager to this file`;

const options = readOptions(() => {
  const { values } = parseArgs({
    options: {
      scenario: { type: 'string', default: DEFAULT_SCENARIO },
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
    scenario: parseScenario(values.scenario),
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

const AT_THE_START = 'at the start';

interface VmSnapshot {
  readonly moment: string;
  readonly vms: readonly KnownVm[];
}

async function runOperations(
  simulator: Simulator,
  scenario: DemoScenario,
): Promise<{ jobs: JobReply[]; snapshots: VmSnapshot[] }> {
  await runFunctionNow(simulator, 'readVaults');
  const jobs: JobReply[] = [];
  const run: RunCommand = async (command, principal) => {
    console.log(`\n${command.operation}`);
    const job = await runOperation(simulator, { ...command, ticket: 'demo' }, console.log, principal);
    console.log(`  => ${job.state} after ${formatDuration(job.seconds ?? 0)} of simulated time`);
    jobs.push(job);
    return job;
  };
  await scenario.enable?.(simulator, run);
  const vms = await findVmsByName(simulator, scenario.vmNames);
  const ids = vms.map((vm) => vm.id);
  const snapshots: VmSnapshot[] = [{ moment: AT_THE_START, vms }];
  for (const command of scenario.commands(vms)) {
    await run({ ...command, vms: ids });
    snapshots.push({
      moment: `after ${command.operation}`,
      vms: await findVmsByName(simulator, scenario.vmNames),
    });
  }
  return { jobs, snapshots };
}

const MIN_OPERATION_WIDTH = 10;
const isPrerequisite = ({ kind }: StepReply): boolean => kind === 'prerequisite';

function printSummary(
  jobs: readonly JobReply[],
  snapshots: readonly VmSnapshot[],
  writeCount: number,
  unknownCount: number,
): void {
  console.log('\nThe names of each VM in Site Recovery and in Lifeboat');
  const width = (min: number, of: (moment: VmSnapshot) => readonly string[]): number =>
    Math.max(min, ...snapshots.flatMap(of).map((text) => text.length));
  const [momentWidth, nameWidth, pathWidth] = [
    width(16, ({ moment }) => [moment]),
    width(4, ({ vms }) => vms.map(({ name }) => name)),
    width(28, ({ vms }) => vms.map(({ armId }) => itemPathOf(armId))),
  ];
  for (const { moment, vms } of snapshots)
    for (const vm of vms)
      console.log(
        `  ${moment.padEnd(momentWidth)} ${vm.name.padEnd(nameWidth)} ${vm.id}  ` +
          `${itemPathOf(vm.armId).padEnd(pathWidth)} ${vm.state}, ${vm.direction}`,
      );
  console.log('\nDurations in simulated time');
  const operationWidth = Math.max(MIN_OPERATION_WIDTH, ...jobs.map(({ operation }) => operation.length));
  for (const job of jobs) {
    const slowest = Math.max(...job.steps.map((step) => step.siteRecovery.seconds ?? 0));
    console.log(
      `  ${job.operation.padEnd(operationWidth)} ${job.state.padEnd(10)} ` +
        `${formatDuration(job.seconds ?? 0).padEnd(13)} (Site Recovery's slowest job: ` +
        `${formatDuration(slowest)})`,
    );
  }
  const prerequisites = jobs.some(({ steps }) => steps.some(isPrerequisite)) ? 'prerequisite, VM' : 'VM';
  console.log(
    `\nWrites that Site Recovery accepted: ${writeCount}, one for each ${prerequisites} and phase. Requests it ` +
      `did not know: ${unknownCount}.`,
  );
}

/**
 * Checks the result: the ARM ids moved only as the scenario says and came back, Lifeboat ids stayed,
 * and no write happened twice.
 */
function findErrors(
  { itemMovesWith }: DemoScenario,
  jobs: readonly JobReply[],
  snapshots: readonly VmSnapshot[],
  writeCount: number,
  unknownCount: number,
): string[] {
  const itemPathsAt = (wanted: string) =>
    (snapshots.findLast(({ moment }) => moment === wanted)?.vms ?? [])
      .map((vm) => itemPathOf(vm.armId).toLowerCase())
      .join();
  const start = itemPathsAt(AT_THE_START);
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
    ...(itemMovesWith === null || start !== itemPathsAt(`after ${itemMovesWith}`)
      ? []
      : [`The ARM ids did not change with the ${itemMovesWith}.`]),
    ...(start === itemPathsAt('after failback') ? [] : ['The ARM ids did not come back with the failback.']),
    ...(writeCount === stepCount ? [] : [`${writeCount} writes for ${stepCount} steps.`]),
    ...(unknownCount === 0 ? [] : [`${unknownCount} requests were unknown to Azure in the simulator.`]),
  ];
}

async function runDemo(simulator: Simulator, scenario: DemoScenario): Promise<boolean> {
  console.log(
    `Lifeboat: ${simulator.host.url}, Azure in the simulator: ${simulator.addresses.arm}, ` +
      `simulated time: ${options.clock}, Durable engine: ${options.engine}`,
  );
  const { jobs, snapshots } = await runOperations(simulator, scenario);
  const writes = (await simulator.siteRecovery.writes()).length;
  const unknown = (await simulator.siteRecovery.unknown()).length;
  printSummary(jobs, snapshots, writes, unknown);
  const errors = findErrors(scenario, jobs, snapshots, writes, unknown);
  for (const line of errors) console.error(`Wrong: ${line}`);
  return errors.length === 0;
}

await buildApp();
const { exit, scenario, ...simulatorOptions } = options;
const simulator = await startLifeboat({ ...simulatorOptions, environment: scenario.environment });
process.once('SIGINT', () => void simulator.stop().then(() => process.exit(130)));
let succeeded = false;
try {
  succeeded = await runDemo(simulator, scenario);
} finally {
  if (exit || !succeeded) await simulator.stop();
}
process.exitCode = succeeded ? 0 : 1;
if (!exit && succeeded)
  console.log('\nThe simulator keeps running: try it with curl as the README shows. Ctrl-C stops it.');
