// `npm run chaos [-- --seeds 500 --from 1 --vms 50 --only
// seeds|boundaries|relay|enabling|plans|badDays|fuzz|inprocess --scenario NAME --deaths 1-80
// --kills 3]`
//
// --scenario plays seeds, boundaries or enabling for this scenario only. Left out: all scenarios.
// seeds: random kills with faults on, by seed, some of them on a plan.
// boundaries: a kill at each boundary in each operation.
// relay: a kill at each boundary of the relay of events.
// enabling: a kill at each boundary while the app enables and disables many VMs.
// plans: all operations of a plan, with --kills boundaries in each run.
// badDays: the same in the difficult runs of a plan.
// inprocess: the same in one process with Azure. The app ends at each of its requests.
// fuzz: requests to the routes by seed, valid and invalid by their schemas (5,000 by default).
// --deaths plays only this range of the runs of enabling, plans or badDays. A range beyond the last
// run is refused.
//
// The end shows a count of each result.
import { parseArgs } from 'node:util';
import { buildApp } from '../../scripts/build-app.ts';
import { summarize, findTooFewPerMethod } from '../fuzz/summary.ts';
import { operationsOf } from '../fuzz/operations.ts';
import { runSeedRange, stretchesFor, type SeedResult } from '../fuzz/run-seeds.ts';
import { loadContract } from '../support/openapi-contract.ts';
import { startEventEnvironment, type EventEnvironment } from '../support/event-environment.ts';
import { startTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { BOUNDARIES } from './boundaries.ts';
import { KILL_SCENARIOS, type KillScenarioName } from './kill-scenarios.ts';
import { canDieAt, runOperationKill } from './operation-kills.ts';
import { DISRUPTIONS, startDisruptionEnvironment, runDisruptionKills } from './disruptions.ts';
import { spreadBoundaries, runPlanKills, planKillSeries } from './plan-kills.ts';
import { runRelayKill, RELAY_BOUNDARIES } from './relay-kills.ts';
import { enablingKillsOf, runEnablingKills } from './enabling-kills.ts';
import { runInChild } from './inprocess/child-process.ts';
import { MUTANTS } from './inprocess/mutants.ts';
import { OPERATION_CYCLE } from './plan-boundaries.ts';
import { startPlanEnvironment } from './plan-environment.ts';
import { selectParts, selectRuns, selectScenarios } from './selection.ts';
import { runSeed, type RunReport } from './random-kills.ts';
import { runSeedOnPlan } from './random-kills-on-plan.ts';
import { runWithInterventions, INTERVENTION_VMS } from './random-interventions.ts';

/** VMs of one simulator: in a larger environment every read of the vault costs more. */
const VMS_PER_SIMULATOR = 10;
const MAX_CONCURRENT = 2;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    vms: { type: 'string', default: '50' },
    only: { type: 'string' },
    scenario: { type: 'string' },
    deaths: { type: 'string' },
    kills: { type: 'string', default: '3' },
  },
});
const parts = selectParts(values.only);
const scenarios = selectScenarios(Object.keys(KILL_SCENARIOS) as KillScenarioName[], values.scenario);
const failures: { name: string; reason: string }[] = [];

/** Runs each item on its own simulator or on a shared one. It reports the failures at the end. */
async function runAll<T>(
  label: string,
  list: readonly T[],
  name: (entry: T) => string,
  play: (batch: readonly T[], each: (entry: T, act: () => Promise<void>) => Promise<void>) => Promise<void>,
  batchSize = 1,
): Promise<void> {
  const left = [...list];
  const before = failures.length;
  let done = 0;
  const each = async (entry: T, act: () => Promise<void>): Promise<void> => {
    await act().catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      failures.push({ name: `${label} ${name(entry)}`, reason });
      // Prints the failure at once, because a person may stop a run of hours.
      console.log(`\n${label} ${name(entry)} failed: ${reason}`);
    });
    done += 1;
    process.stdout.write(`\r${label}: ${done} of ${list.length}, ${failures.length - before} wrong`);
  };
  const worker = async (): Promise<void> => {
    for (let batch = left.splice(0, batchSize); batch.length > 0; batch = left.splice(0, batchSize))
      await play(batch, each);
  };
  await Promise.all(Array.from({ length: MAX_CONCURRENT }, worker));
  process.stdout.write('\n');
}

async function withEventEnvironment(
  start: () => Promise<EventEnvironment>,
  act: (environment: EventEnvironment) => Promise<void>,
): Promise<void> {
  const testEnvironment = await start();
  try {
    await act(testEnvironment);
  } finally {
    await testEnvironment.stop();
  }
}

async function withTestEnvironment(
  start: () => Promise<TestEnvironment>,
  act: (environment: TestEnvironment) => Promise<void>,
): Promise<void> {
  const testEnvironment = await start();
  try {
    await act(testEnvironment);
  } finally {
    await testEnvironment.simulator.stop();
  }
}

const vmAt = (environment: TestEnvironment, index: number): TestEnvironment['vms'][number] => {
  const vm = environment.vms[index];
  if (!vm) throw new Error('The environment needs a VM for each run.');
  return vm;
};

/**
 * Every tenth seed plays a plan, and every tenth seed plays a steered plan. Each of these has its
 * own simulator.
 */
const PLAN_SEED_INTERVAL = 10;
const INTERVENTION_SEED_OFFSET = 5;
/** The plans of the seeds have VMs of this scenario. */
const PLAN_SCENARIO: KillScenarioName = 'azureToAzure';

async function runSeeds(scenario: KillScenarioName): Promise<void> {
  const reports: RunReport[] = [];
  const isFirst = scenario === PLAN_SCENARIO;
  const count = Number(values.seeds ?? (isFirst ? 500 : 50));
  const list = Array.from({ length: count }, (_, i) => Number(values.from) + i);
  const onPlans = isFirst ? list.filter((seed) => seed % PLAN_SEED_INTERVAL === 0) : [];
  const withInterventions = isFirst
    ? list.filter((seed) => seed % PLAN_SEED_INTERVAL === INTERVENTION_SEED_OFFSET)
    : [];
  await runAll(
    `Seed of ${scenario}`,
    list.filter((seed) => !onPlans.includes(seed) && !withInterventions.includes(seed)),
    String,
    (batch, each) =>
      withTestEnvironment(
        () => KILL_SCENARIOS[scenario].start(batch.length),
        async (environment) => {
          for (const [i, seed] of batch.entries())
            await each(
              seed,
              async () => void reports.push(await runSeed(environment, seed, vmAt(environment, i), scenario)),
            );
        },
      ),
    VMS_PER_SIMULATOR,
  );
  await runAll('Seed on a plan', onPlans, String, async (batch, each) => {
    for (const seed of batch)
      await each(seed, () =>
        withEventEnvironment(
          startPlanEnvironment,
          async (environment) => void reports.push(await runSeedOnPlan(environment, seed)),
        ),
      );
  });
  await runAll('Steered seed', withInterventions, String, async (batch, each) => {
    for (const seed of batch)
      await each(seed, () =>
        withTestEnvironment(
          () => startTestEnvironment(INTERVENTION_VMS),
          async (environment) => void reports.push(await runWithInterventions(environment, seed)),
        ),
      );
  });
  const sum = (of: (report: RunReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  const kills = sum((report) => report.kills);
  console.log(
    `${scenario}: ${reports.length} seeds reported the true state, ` +
      `${reports.filter(({ seed }) => onPlans.includes(seed)).length} of them on plans, ` +
      `${reports.filter(({ seed }) => withInterventions.includes(seed)).length} steered: ${kills} kills, ` +
      `${sum((report) => report.attempts)} attempts, ${sum((report) => report.failedByAzure)} Azure ` +
      'failures with a report.',
  );
  if (kills < list.length)
    failures.push({ name: 'Seeds', reason: 'Too few kills: this run proves nothing.' });
}

/** Plays every operation at every boundary. One VM goes through all operations at one boundary. */
async function runBoundaries(scenario: KillScenarioName): Promise<void> {
  const began = performance.now();
  let kills = 0;
  await runAll(
    `Boundary of ${scenario}`,
    BOUNDARIES,
    ({ name }) => name,
    (batch, each) =>
      withTestEnvironment(
        () => KILL_SCENARIOS[scenario].start(batch.length),
        async (environment) => {
          for (const [i, boundary] of batch.entries()) {
            await each(boundary, async () => {
              for (const run of KILL_SCENARIOS[scenario].runs) {
                // A run that never reaches the boundary only brings the VM to the next state.
                await runOperationKill(environment, vmAt(environment, i), {
                  run,
                  boundary: canDieAt(run, boundary) ? boundary : null,
                });
                if (canDieAt(run, boundary)) kills += 1;
              }
            });
          }
        },
      ),
    VMS_PER_SIMULATOR,
  );
  console.log(`${scenario}: ${kills} kills, ${Math.round((performance.now() - began) / 60_000)} minutes.`);
}

/**
 * Uses one simulator. The check reads the relay's writes in its own store. This process can be the
 * app of only one simulator.
 */
const runRelay = (): Promise<void> =>
  runAll(
    'Relay',
    RELAY_BOUNDARIES,
    ({ name }) => name,
    (batch, each) =>
      withEventEnvironment(
        () => startEventEnvironment(batch.length),
        async (environment) => {
          for (const [i, boundary] of batch.entries())
            await each(boundary, () => runRelayKill(environment, boundary, i));
        },
      ),
    RELAY_BOUNDARIES.length,
  );

const runEnabling = (scenario: KillScenarioName): Promise<void> =>
  runAll(
    `Enabling ${values.vms} VMs of ${scenario}, killed at`,
    selectRuns(enablingKillsOf(scenario), values.deaths),
    (deaths) => `${deaths.enabling.name}, ${deaths.disabling.name}`,
    async (batch, each) => {
      for (const deaths of batch) await each(deaths, () => runEnablingKills(Number(values.vms), deaths));
    },
  );

/** Each run has several boundaries far apart, because one write can end the app only once. */
const PLAN_KILLS = planKillSeries(Number(values.kills));
const DISRUPTION_KILLS = spreadBoundaries(DISRUPTIONS, Number(values.kills));
interface Run {
  readonly name: string;
  readonly boundaries: readonly { readonly name: string }[];
}
const runNames = (runs: readonly Run[]): string =>
  runs
    .map(({ name, boundaries }) => `${name} (${boundaries.map((boundary) => boundary.name).join(', ')})`)
    .join('; ');

/**
 * Uses one simulator for each cycle. After a failure the next cycle still finds its VMs in the
 * first state. Returns the number of kills.
 */
async function runKillSeries<T extends Run>(
  what: string,
  list: readonly (readonly T[])[],
  start: () => Promise<EventEnvironment>,
  runKills: (environment: EventEnvironment, run: T) => Promise<number>,
): Promise<void> {
  const batch = selectRuns(list, values.deaths);
  const began = performance.now();
  const counts = { runs: 0, kills: 0 };
  const playAll = (runs: readonly T[]): Promise<void> =>
    withEventEnvironment(start, async (environment) => {
      for (const run of runs) {
        const kills = await runKills(environment, run);
        // Add the kills only here, because another simulator counts at the same time.
        counts.kills += kills;
        counts.runs++;
      }
    });
  await runAll(`${what} killed at`, batch, runNames, async (series, each) => {
    for (const runs of series) await each(runs, () => playAll(runs));
  });
  console.log(
    `${what}: ${batch.length} cycles, ${counts.runs} runs that reported the true state, ${counts.kills} ` +
      `kills, ${Math.round((performance.now() - began) / 60_000)} minutes.`,
  );
}

const runPlans = (): Promise<void> =>
  runKillSeries(
    'Plan',
    PLAN_KILLS.map((deaths) => deaths.map((death) => ({ ...death, name: death.operation }))),
    startPlanEnvironment,
    runPlanKills,
  );
const runDisruptions = (): Promise<void> =>
  runKillSeries('Bad days', DISRUPTION_KILLS, startDisruptionEnvironment, runDisruptionKills);

/** To repeat a seed, play its range up to the seed: `--only fuzz --from 1342 --seeds 1`. */
async function runFuzz(): Promise<void> {
  const [from, count] = [Number(values.from), Number(values.seeds ?? 5000)];
  const seedRanges = stretchesFor(from, from + count - 1);
  const [before, began] = [failures.length, performance.now()];
  const results: SeedResult[] = [];
  const addFailure = (why: string): void => {
    failures.push({ name: 'Fuzz', reason: why });
    console.log(`\n${why}`);
  };
  await runAll(
    'Range of seeds',
    seedRanges,
    ({ first, last }) => `${first} to ${last}`,
    async (batch, each) => {
      for (const { first, last } of batch)
        await each(
          { first, last },
          async () => void results.push(...(await runSeedRange(first, last, addFailure))),
        );
    },
  );
  console.log(
    JSON.stringify(
      {
        ...summarize(results),
        wrong: failures.length - before,
        seconds: Math.round((performance.now() - began) / 1000),
      },
      null,
      1,
    ),
  );
  // A few seeds alone cannot cover everything.
  const routes =
    count < 5000 ? undefined : operationsOf((await loadContract()).document).map(({ route }) => route);
  for (const why of routes ? findTooFewPerMethod(results, routes) : [])
    failures.push({ name: 'Fuzz', reason: why });
}

/** Plays the cycle twice: the second cycle kills at the remaining moments. */
async function runInProcessKills(): Promise<void> {
  const ROUNDS = 2;
  const runs = await runInChild(['--rounds', String(ROUNDS), '--reads'], (run) => {
    console.log(
      `In one process, ${run.operation}: ${run.killedAt.length} deaths at ${run.boundaryCount} ` +
        `boundaries, ${run.remainingMoments.length} moments left, ${Math.round(run.seconds)} s.`,
    );
    if (run.failure !== null)
      failures.push({ name: `In one process, ${run.operation}`, reason: run.failure });
  });
  if (runs.length < ROUNDS * OPERATION_CYCLE.length && runs.every((run) => run.failure === null))
    failures.push({ name: 'In one process', reason: `Only ${runs.length} runs ended.` });
  for (const mutant of Object.keys(MUTANTS)) {
    const [run] = await runInChild(['--operations', 'failover', '--mutant', mutant]);
    if (!run || run.failure === null)
      failures.push({ name: `In one process, without ${mutant}`, reason: 'No run noticed the mutant.' });
  }
}

await buildApp();
if (parts.includes('seeds')) for (const scenario of scenarios) await runSeeds(scenario);
if (parts.includes('boundaries')) for (const scenario of scenarios) await runBoundaries(scenario);
if (parts.includes('relay')) await runRelay();
if (parts.includes('enabling')) for (const scenario of scenarios) await runEnabling(scenario);
if (parts.includes('plans')) await runPlans();
if (parts.includes('badDays')) await runDisruptions();
if (parts.includes('fuzz')) await runFuzz();
if (parts.includes('inprocess')) await runInProcessKills();
if (failures.length > 0) {
  console.log(
    `${failures.length} are wrong:\n${failures.map(({ name, reason }) => `${name}: ${reason}`).join('\n')}`,
  );
  process.exitCode = 1;
}
