// `npm run chaos [-- --seeds 500 --from 1 --vms 50 --only
// seeds|boundaries|relay|enabling|plans|badDays|fuzz|inprocess --deaths 1-80 --kills 3]`: random
// kills with faults on, by seed, some of them on a plan; a kill at each boundary in each operation,
// and in the relay of its news; a kill at each boundary while many VMs are enabled and disabled,
// all or a stretch of them; a plan in all that it can be run for, killed at each boundary of each
// run, so many in one, and the same on its bad days; the same in one process with Azure, where the
// app ends at whatever it asks of others; the doors asked for whatever their schemas allow,
// and for what they do not, by seed (5,000 unless told). And how often what happened.
import { parseArgs } from 'node:util';
import { buildApp } from '../../scripts/build-app.ts';
import { figures, tooFewOfSome } from '../fuzz/figures.ts';
import { operationsOf } from '../fuzz/operations.ts';
import { playStretch, stretchesFor, type Played } from '../fuzz/play.ts';
import { contract } from '../support/contract.ts';
import { listening, type Listening } from '../support/news.ts';
import { scene, type Scene } from '../support/story.ts';
import { BOUNDARIES } from './boundaries.ts';
import { die, OPERATIONS } from './die-at.ts';
import { BAD_DAYS, badDayStage, dieOnBadDay } from './bad-days.ts';
import { dealt, dieOnPlan, planDeaths } from './die-in-plans.ts';
import { dieInRelay, RELAY_BOUNDARIES } from './die-in-relay.ts';
import { DEATHS, enableAndDie } from './enable-and-die.ts';
import { playInChild } from './inprocess/child.ts';
import { MUTANTS } from './inprocess/mutants.ts';
import { STORY } from './plan-boundaries.ts';
import { planStage } from './plan-stage.ts';
import { playSeed, type Told } from './random.ts';
import { playSeedOnPlan } from './random-on-plan.ts';
import { playSteered, STEERED_VMS } from './random-steered.ts';

/** VMs of one simulator: a larger environment makes every look at the vault dearer. */
const VMS_EACH = 10;
const AT_ONCE = 2;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    vms: { type: 'string', default: '50' },
    only: { type: 'string' },
    deaths: { type: 'string' },
    kills: { type: 'string', default: '3' },
  },
});
const isAsked = (part: string): boolean => values.only === undefined || values.only === part;
const wrong: { what: string; why: string }[] = [];

/** Each on its own simulator, or on one that several share; what went wrong is told at the end. */
async function all<T>(
  what: string,
  list: readonly T[],
  name: (one: T) => string,
  play: (some: readonly T[], each: (one: T, act: () => Promise<void>) => Promise<void>) => Promise<void>,
  together = 1,
): Promise<void> {
  const left = [...list];
  const before = wrong.length;
  let done = 0;
  const each = async (one: T, act: () => Promise<void>): Promise<void> => {
    await act().catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      wrong.push({ what: `${what} ${name(one)}`, why });
      // At once: a run of hours may be broken off.
      console.log(`\n${what} ${name(one)} was wrong: ${why}`);
    });
    done += 1;
    process.stdout.write(`\r${what}: ${done} of ${list.length}, ${wrong.length - before} wrong`);
  };
  const worker = async (): Promise<void> => {
    for (let some = left.splice(0, together); some.length > 0; some = left.splice(0, together))
      await play(some, each);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  process.stdout.write('\n');
}

async function onStage(
  stage: () => Promise<Listening>,
  act: (world: Listening) => Promise<void>,
): Promise<void> {
  const world = await stage();
  try {
    await act(world);
  } finally {
    await world.stop();
  }
}

async function onSimulator(vms: number, act: (world: Scene) => Promise<void>): Promise<void> {
  const world = await scene(vms);
  try {
    await act(world);
  } finally {
    await world.simulator.stop();
  }
}

const vmOf = (world: Scene, index: number): Scene['vms'][number] => {
  const vm = world.vms[index];
  if (!vm) throw new Error('The environment has a VM for each.');
  return vm;
};

/**
 * Every tenth seed plays a plan, and every tenth one a plan that is steered, each on a simulator of
 * its own.
 */
const PLANS_EVERY = 10;
const STEERED_AT = 5;

async function seeds(): Promise<void> {
  const told: Told[] = [];
  const list = Array.from({ length: Number(values.seeds) }, (_, i) => Number(values.from) + i);
  const onPlans = list.filter((seed) => seed % PLANS_EVERY === 0);
  const steered = list.filter((seed) => seed % PLANS_EVERY === STEERED_AT);
  await all(
    'Seed',
    list.filter((seed) => !onPlans.includes(seed) && !steered.includes(seed)),
    String,
    (some, each) =>
      onSimulator(some.length, async (world) => {
        for (const [i, seed] of some.entries())
          await each(seed, async () => void told.push(await playSeed(world, seed, vmOf(world, i))));
      }),
    VMS_EACH,
  );
  await all('Seed on a plan', onPlans, String, async (some, each) => {
    for (const seed of some)
      await each(seed, () =>
        onStage(planStage, async (world) => void told.push(await playSeedOnPlan(world, seed))),
      );
  });
  await all('Steered seed', steered, String, async (some, each) => {
    for (const seed of some)
      await each(seed, () =>
        onSimulator(STEERED_VMS, async (world) => void told.push(await playSteered(world, seed))),
      );
  });
  const sum = (of: (one: Told) => number): number => told.reduce((so, one) => so + of(one), 0);
  const kills = sum((one) => one.kills);
  console.log(
    `${told.length} seeds told the truth, ` +
      `${told.filter(({ seed }) => onPlans.includes(seed)).length} of them on plans, ` +
      `${told.filter(({ seed }) => steered.includes(seed)).length} steered: ${kills} kills, ` +
      `${sum((one) => one.attempts)} attempts, ${sum((one) => one.failedByAzure)} times Azure ` +
      'had failed and that was said.',
  );
  if (kills < list.length) wrong.push({ what: 'Seeds', why: 'Too few kills: this run proves nothing.' });
}

/** Every operation at every boundary; a VM goes through all operations at one of them. */
const boundaries = (): Promise<void> =>
  all(
    'Boundary',
    BOUNDARIES,
    ({ name }) => name,
    (some, each) =>
      onSimulator(some.length, async (world) => {
        for (const [i, boundary] of some.entries()) {
          await each(boundary, async () => {
            for (const operation of OPERATIONS) await die(world, vmOf(world, i), { operation, boundary });
          });
        }
      }),
    VMS_EACH,
  );

/**
 * On one simulator: what the relay has written is read in its own store, and this process can be
 * the app of one simulator at a time.
 */
const relay = (): Promise<void> =>
  all(
    'Relay',
    RELAY_BOUNDARIES,
    ({ name }) => name,
    (some, each) =>
      onStage(
        () => listening(some.length),
        async (world) => {
          for (const [i, boundary] of some.entries())
            await each(boundary, () => dieInRelay(world, boundary, i));
        },
      ),
    RELAY_BOUNDARIES.length,
  );

const [first = 1, last = DEATHS.length] = (values.deaths ?? '').split('-').filter(Boolean).map(Number);
const enabling = (): Promise<void> =>
  all(
    `Enabling ${values.vms} VMs, killed at`,
    DEATHS.slice(first - 1, last),
    (deaths) => `${deaths.enabling.name}, ${deaths.disabling.name}`,
    async (some, each) => {
      for (const deaths of some) await each(deaths, () => enableAndDie(Number(values.vms), deaths));
    },
  );

/** Several far apart in each run: one write can be its end once. */
const DEATHS_OF_PLANS = planDeaths(Number(values.kills));
const DEATHS_ON_BAD_DAYS = dealt(BAD_DAYS, Number(values.kills));
interface Run {
  readonly name: string;
  readonly boundaries: readonly { readonly name: string }[];
}
const namesOf = (runs: readonly Run[]): string =>
  runs
    .map(({ name, boundaries }) => `${name} (${boundaries.map((boundary) => boundary.name).join(', ')})`)
    .join('; ');

/**
 * A simulator for each story: where one goes wrong, the next finds the VMs where it begins. `die`:
 * how often it was killed.
 */
async function stories<T extends Run>(
  what: string,
  list: readonly (readonly T[])[],
  stage: () => Promise<Listening>,
  die: (world: Listening, run: T) => Promise<number>,
): Promise<void> {
  const some = values.deaths === undefined ? list : list.slice(first - 1, last);
  const began = performance.now();
  const told = { runs: 0, kills: 0 };
  const playAll = (runs: readonly T[]): Promise<void> =>
    onStage(stage, async (world) => {
      for (const run of runs) {
        const kills = await die(world, run);
        // Not before: another simulator counts at the same time.
        told.kills += kills;
        told.runs++;
      }
    });
  await all(`${what} killed at`, some, namesOf, async (mine, each) => {
    for (const runs of mine) await each(runs, () => playAll(runs));
  });
  console.log(
    `${what}: ${some.length} stories, ${told.runs} runs that told the truth, ${told.kills} ` +
      `kills, ${Math.round((performance.now() - began) / 60_000)} minutes.`,
  );
}

const plans = (): Promise<void> =>
  stories(
    'Plan',
    DEATHS_OF_PLANS.map((deaths) => deaths.map((death) => ({ ...death, name: death.operation }))),
    planStage,
    dieOnPlan,
  );
const badDays = (): Promise<void> => stories('Bad days', DEATHS_ON_BAD_DAYS, badDayStage, dieOnBadDay);

/** A seed is played again by its stretch up to it: `--only fuzz --from 1342 --seeds 1`. */
async function fuzz(): Promise<void> {
  const [from, count] = [Number(values.from), Number(values.seeds ?? 5000)];
  const stretches = stretchesFor(from, from + count - 1);
  const [before, began] = [wrong.length, performance.now()];
  const told: Played[] = [];
  const isWrong = (why: string): void => {
    wrong.push({ what: 'Fuzz', why });
    console.log(`\n${why}`);
  };
  await all(
    'Stretch of seeds',
    stretches,
    ({ first, last }) => `${first} to ${last}`,
    async (some, each) => {
      for (const { first, last } of some)
        await each({ first, last }, async () => void told.push(...(await playStretch(first, last, isWrong))));
    },
  );
  console.log(
    JSON.stringify(
      {
        ...figures(told),
        wrong: wrong.length - before,
        seconds: Math.round((performance.now() - began) / 1000),
      },
      null,
      1,
    ),
  );
  // A few seeds by themselves need not show everything.
  const routes =
    count < 5000 ? undefined : operationsOf((await contract()).document).map(({ route }) => route);
  for (const why of routes ? tooFewOfSome(told, routes) : []) wrong.push({ what: 'Fuzz', why });
}

/** Twice through the story: the second time at what one run has left. */
async function inprocess(): Promise<void> {
  const ROUNDS = 2;
  const runs = await playInChild(['--rounds', String(ROUNDS), '--reads'], (run) => {
    console.log(
      `In one process, ${run.operation}: ${run.died.length} deaths at ${run.boundaries} ` +
        `boundaries, ${run.left.length} moments left, ${Math.round(run.seconds)} s.`,
    );
    if (run.wrong !== null) wrong.push({ what: `In one process, ${run.operation}`, why: run.wrong });
  });
  if (runs.length < ROUNDS * STORY.length && runs.every((run) => run.wrong === null))
    wrong.push({ what: 'In one process', why: `Only ${runs.length} runs were played.` });
  for (const mutant of Object.keys(MUTANTS)) {
    const [run] = await playInChild(['--operations', 'failover', '--mutant', mutant]);
    if (!run || run.wrong === null)
      wrong.push({ what: `In one process, without ${mutant}`, why: 'Nobody has noticed.' });
  }
}

await buildApp();
if (isAsked('seeds')) await seeds();
if (isAsked('boundaries')) await boundaries();
if (isAsked('relay')) await relay();
if (isAsked('enabling')) await enabling();
if (isAsked('plans')) await plans();
if (isAsked('badDays')) await badDays();
if (isAsked('fuzz')) await fuzz();
if (isAsked('inprocess')) await inprocess();
if (wrong.length > 0) {
  console.log(
    `${wrong.length} did not tell the truth:\n${wrong.map(({ what, why }) => `${what}: ${why}`).join('\n')}`,
  );
  process.exitCode = 1;
}
