// The bad days of a plan, each a run that is played while the app is killed at its boundaries: what
// persons say in it, what must be true after it, and the way back to where it began.
import assert from 'node:assert/strict';
import type { Job, Step } from '../support/lifeboat.ts';
import type { Listening } from '../support/news.ts';
import { planOf, savePlan, untilNeeds } from '../support/plans.ts';
import type { Rule } from '../support/story.ts';
import {
  ASKED_OF_PERSONS,
  COMMITS,
  GONE_ON,
  HELD_UP,
  LEFT_OPEN,
  LEFT_OUT,
  MAKES_WAY,
  RUNS_OUT,
  STOPPED,
  TRIED_AGAIN,
  type BadBoundary,
} from './bad-day-boundaries.ts';
import { gentle } from './faults.ts';
import { play } from './kill.ts';
import {
  allStruck,
  endedWithAnswers,
  isVm,
  NAMES,
  nothingHeld,
  planStage,
  retried,
  said,
  send,
  toldWhole,
  writesSoFar,
  type Words,
} from './plan-stage.ts';

const [PLAIN, HARD, DRILLED, RUNNING_OUT, WAITING, CAREFUL] = [
  'plain',
  'hard',
  'drilled',
  'running-out',
  'waiting',
  'careful',
] as const;

export interface BadDay {
  readonly name: string;
  readonly boundaries: readonly BadBoundary[];
  readonly command: { readonly operation: 'failover'; readonly plan: string };
  /** What goes on before the command is sent: the job of it. */
  readonly before?: (world: Listening) => Promise<Job>;
  readonly faults?: readonly Rule[];
  /** What persons do until the command's job has ended. */
  readonly attend: (world: Listening, jobId: string) => Promise<Job>;
  /** Each step of the jobs, as it ends. */
  readonly steps: (drilled: readonly string[]) => Readonly<Record<string, string>>;
  readonly state: string;
}

const manual = (name: string) => ({ kind: 'manual', name, instructions: 'Is it as it should be?' });
const GROUPS = [['orders-1', 'orders-2'], ['app'], ['web']] as const;
const idOf = ({ vms }: Listening, name: string): string => vms.find((vm) => vm.name === name)?.id ?? '';

/**
 * Of the drill one target is left out: the one that is locked first, so that a failover takes it,
 * finds the others held, and gives it back.
 */
const drilledIn = (world: Listening): readonly (readonly string[])[] => {
  const lowest = [...NAMES].sort((a, b) => (idOf(world, a) < idOf(world, b) ? -1 : 1))[0] ?? '';
  // One that is alone comes first: its test is over when the others wait for a person.
  return GROUPS.filter((group) => !group.some((name) => name === lowest)).sort((a, b) => a.length - b.length);
};

export async function badDayStage(): Promise<Listening> {
  const world = await planStage();
  await saveBadPlans(world);
  return world;
}

export async function saveBadPlans(world: Listening): Promise<void> {
  const [data, app, web] = [
    { name: 'data', vms: GROUPS[0] },
    { name: 'app', vms: GROUPS[1] },
    { name: 'web', vms: GROUPS[2] },
  ];
  await savePlan(world, PLAIN, planOf(world, [data, app, web]));
  await savePlan(
    world,
    HARD,
    planOf(world, [
      data,
      { ...app, before: [manual('Look at the data')] },
      { ...web, before: [manual('Open the door')] },
    ]),
  );
  await savePlan(
    world,
    RUNNING_OUT,
    planOf(world, [data, app, web], { commitWindow: { kind: 'cancel', afterMinutes: 60 } }),
  );
  await savePlan(
    world,
    WAITING,
    planOf(world, [data, app, web], { commitWindow: { kind: 'commit', afterMinutes: 10_000 } }),
  );
  await savePlan(
    world,
    CAREFUL,
    planOf(world, [
      data,
      { ...app, before: [manual('Look at the data')] },
      { ...web, before: [{ kind: 'approval', name: 'Two say yes', people: 2 }] },
    ]),
  );
  const [one, other] = drilledIn(world) as [readonly string[], readonly string[]];
  const drill = planOf(
    world,
    [
      { name: 'one', vms: one },
      { name: 'other', vms: other, before: [{ ...manual('Look at the test'), alsoIn: ['testFailover'] }] },
    ],
    { drill: { checks: [], cleanUpAfterMinutes: 10_000 } },
  );
  await savePlan(world, DRILLED, drill);
}

/** One word to each kind of question, and once it has ended with something left over the same job again. */
const attending =
  (words: Words, again?: Words) =>
  async (world: Listening, id: string): Promise<Job> => {
    const ended = await endedWithAnswers(world, id, words);
    return again ? retried(world, ended, again) : ended;
  };

/**
 * What was not done is done when it is asked again; two persons approve, each as often as it takes
 * until he is heard.
 */
const asWasAsked = ({ lifeboat }: Listening, id: string): Promise<Job> =>
  lifeboat.until(
    async () => {
      const job = await lifeboat.job(id);
      for (const { kind, stepId, tries } of job.questions) {
        const say = (what: string, body: object, who: string): Promise<unknown> =>
          lifeboat.call(`/api/v1/jobs/${id}/${what}`, {
            method: 'POST',
            body: { step: stepId, ...body },
            who,
          });
        if (kind === 'approval')
          for (const who of ['dora', 'approver'])
            await say('approvals', { decision: 'approved', planVersion: job.plan?.version }, who);
        else
          await say(
            'answers',
            { tries, answer: kind === 'failure' ? 'tryAgain' : tries === 0 ? 'notDone' : 'done' },
            'operator',
          );
      }
      return job.endedAt === null ? undefined : job;
    },
    `the end of job ${id}`,
    240,
    () => lifeboat.job(id),
  );

/**
 * A person takes one VM out while the run waits for him, and has it brought over by the same job
 * when it has ended.
 */
async function leftOut(world: Listening, id: string): Promise<Job> {
  await untilNeeds(world, await world.lifeboat.until(() => world.lifeboat.job(id), 'the job'), 1, 'manual');
  const isOf = ({ name, phase }: Step): boolean => name === 'app' && phase === 'failover';
  await said(
    world,
    id,
    'skip',
    { target: idOf(world, 'app'), phase: 'failover', reason: 'It is rebuilt by hand.' },
    ({ steps }) => steps.find(isOf)?.state === 'skipped',
  );
  const ended = await endedWithAnswers(world, id, { manual: 'done' });
  assert.deepEqual(
    [ended.state, ended.steps.find(isOf)?.error?.code],
    ['completedWithExceptions', 'SkippedByPerson'],
  );
  return retried(world, ended, { manual: 'done' });
}

/**
 * Paused at its first question, answered, resumed, given up while the second target is on its way,
 * and tried again.
 */
async function heldUp(world: Listening, id: string): Promise<Job> {
  const { lifeboat, simulator } = world;
  const {
    questions: [need],
  } = await untilNeeds(world, await lifeboat.until(() => lifeboat.job(id), 'the job'), 1, 'manual');
  await said(
    world,
    id,
    'pause',
    { reason: 'The network is looked at.' },
    ({ control }) => control?.wish === 'paused',
  );
  const isOf = ({ name }: Step): boolean => name === need?.name;
  const answered = await said(
    world,
    id,
    'answers',
    { step: need?.stepId, answer: 'done' },
    ({ steps }) => steps.find(isOf)?.state === 'succeeded',
  );
  const since = Date.parse(answered.steps.find(isOf)?.endedAt ?? '');
  await lifeboat.until(
    async () => ((await simulator.now()).getTime() - since > 600_000 ? true : undefined),
    'ten minutes of the story',
  );
  assert.deepEqual(
    (await lifeboat.until(() => lifeboat.job(id), 'the job')).steps
      .filter(({ name, phase }) => name === 'app' && phase === 'failover')
      .map(({ state, attempts }) => [state, attempts]),
    [['planned', 0]],
  );
  await said(world, id, 'resume', {}, ({ control }) => control?.wish === 'running');
  await said(world, id, 'cancel', { reason: 'Enough.' }, ({ control }) => control?.wish === 'cancelled');
  const cancelled = await endedWithAnswers(world, id, {});
  assert.equal(cancelled.state, 'cancelled');
  return retried(world, cancelled, { manual: 'done' });
}

const failing: Rule = {
  point: 'operation',
  vm: 'app',
  times: 1,
  do: { kind: 'fail', code: '150097', message: 'The disk is gone.' },
};
const all = (...phases: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    phases.flatMap((phase) =>
      (phase === 'failover' ? ['group', 'app', 'web'] : NAMES).map((name) => [
        `${phase} ${name}`,
        'succeeded',
      ]),
    ),
  );
const hard = {
  ...all('failover'),
  'action Look at the data': 'succeeded',
  'action Open the door': 'succeeded',
};
const over = (plan: string) => ({ operation: 'failover', plan }) as const;

export const BAD_DAYS: readonly BadDay[] = [
  {
    name: 'a drill makes way',
    boundaries: MAKES_WAY,
    command: over(PLAIN),
    state: 'failedOver',
    attend: attending({}),
    before: async (world) =>
      untilNeeds(world, await send(world, { operation: 'testFailover', plan: DRILLED }), 1, 'manual'),
    steps: ([one = '', other = '']) => ({
      ...all('failover'),
      [`cleanUpTestFailover ${one}`]: 'succeeded',
      [`drill: testFailover ${one}`]: 'succeeded',
      'drill: action Look at the test': 'skipped',
      [`drill: testFailover ${other}`]: 'skipped',
      'drill: action Time to live': 'skipped',
      [`drill: cleanUpTestFailover ${one}`]: 'skipped',
      [`drill: cleanUpTestFailover ${other}`]: 'skipped',
    }),
  },
  {
    name: 'tried again',
    boundaries: TRIED_AGAIN,
    command: over(HARD),
    faults: [failing],
    state: 'failedOver',
    attend: attending({ manual: 'done', failure: 'tryAgain' }),
    steps: () => hard,
  },
  {
    name: 'gone on',
    boundaries: GONE_ON,
    command: over(HARD),
    faults: [failing],
    state: 'failedOver',
    attend: attending({ manual: 'done', failure: 'goOn' }, { manual: 'done' }),
    steps: () => hard,
  },
  {
    name: 'stopped',
    boundaries: STOPPED,
    command: over(HARD),
    faults: [failing],
    state: 'failedOver',
    attend: attending({ manual: 'done', failure: 'stop' }, { manual: 'done' }),
    steps: () => hard,
  },
  {
    name: 'held up',
    boundaries: HELD_UP,
    command: over(HARD),
    state: 'failedOver',
    attend: heldUp,
    steps: () => hard,
  },
  {
    name: 'asked of persons',
    boundaries: ASKED_OF_PERSONS,
    command: over(CAREFUL),
    state: 'failedOver',
    attend: asWasAsked,
    steps: () => ({
      ...all('failover'),
      'action Look at the data': 'succeeded',
      'action Two say yes': 'succeeded',
    }),
  },
  {
    name: 'left out by a person',
    boundaries: LEFT_OUT,
    command: over(HARD),
    state: 'failedOver',
    attend: leftOut,
    steps: () => hard,
  },
  {
    name: 'a window runs out',
    boundaries: RUNS_OUT,
    command: over(RUNNING_OUT),
    state: 'protected',
    attend: attending({}),
    steps: () => ({ ...all('failover', 'cancelFailover'), 'action Commit window': 'succeeded' }),
  },
  {
    name: 'a window is left out',
    boundaries: LEFT_OPEN,
    command: over(RUNNING_OUT),
    state: 'failedOver',
    attend: attending({ hold: 'skip' }),
    steps: () => ({
      ...all('failover'),
      'action Commit window': 'skipped',
      ...Object.fromEntries(NAMES.map((name) => [`cancelFailover ${name}`, 'skipped'])),
    }),
  },
  {
    name: 'a window is ended',
    boundaries: COMMITS,
    command: over(WAITING),
    state: 'committed',
    attend: attending({ hold: 'endNow' }),
    steps: () => ({ ...all('failover', 'commit'), 'action Commit window': 'succeeded' }),
  },
];

/**
 * Plays the day with the app killed at each of its boundaries, and leads the VMs back. How often it
 * was killed; throws with what was not true.
 */
export async function dieOnBadDay(world: Listening, day: BadDay): Promise<number> {
  const { boundaries } = day;
  const before = await writesSoFar(world);
  const other = await day.before?.(world);
  const drilled = drilledIn(world)
    .flat()
    .map((name) => idOf(world, name));
  const deaths = (pid: number): Rule[] =>
    boundaries.map(({ where, point }) => ({
      ...where({ drilled }),
      point,
      times: 1,
      do: { kind: 'kill', pid },
    }));
  const { job, kills } = await play(
    world,
    day.command,
    (pid) => [...deaths(pid), ...(day.faults ?? []), ...gentle(day.name.length)],
    { ended: (id) => day.attend(world, id).then((ended) => allStruck(world, ended)) },
  );
  assert.deepEqual({ day: day.name, kills }, { day: day.name, kills: boundaries.length });
  await judge(world, day, {
    job,
    ...(other ? { other: await endedWithAnswers(world, other.id) } : {}),
    before,
  });
  if (day.state === 'failedOver') await mustEnd(world, 'cancelFailover', {});
  return kills;
}

interface Came {
  readonly job: Job;
  readonly other?: Job;
  readonly before: ReadonlySet<string>;
}

/** The truth is Site Recovery's own count: each write that took is the one of a step. */
async function judge(world: Listening, day: BadDay, { job, other, before }: Came): Promise<void> {
  assert.deepEqual(
    {
      day: day.name,
      state: job.state,
      exceptions: job.exceptions,
      error: job.error,
      questions: job.questions,
    },
    { day: day.name, state: 'completed', exceptions: [], error: null, questions: [] },
  );
  const named = drilledIn(world).map((group) => (group.length > 1 ? 'group' : (group[0] ?? '')));
  const of = ({ steps }: Job, as: string): [string, string][] =>
    steps
      .filter(({ kind }) => kind !== 'part')
      .map((step) => [`${as}${step.phase} ${step.kind === 'group' ? 'group' : step.name}`, step.state]);
  assert.deepEqual(
    Object.fromEntries([...of(job, ''), ...(other ? of(other, 'drill: ') : [])].sort()),
    Object.fromEntries(Object.entries(day.steps(named)).sort()),
  );
  if (other) assert.equal(other.state, 'cancelled');
  const steps = [...job.steps, ...(other?.steps ?? [])].filter(
    (step) => isVm(step) && step.state === 'succeeded',
  );
  const took = (await world.simulator.siteRecovery.writes()).filter(
    ({ jobId, jobState, operation }) =>
      !before.has(jobId) && jobState !== 'Failed' && operation !== 'savePlan',
  );
  assert.deepEqual(
    took.map(({ jobId }) => jobId).sort(),
    steps.map(({ siteRecoveryJob }) => siteRecoveryJob).sort(),
    `${day.name}: one write for each step, ${JSON.stringify(took)}`,
  );
  const standing = (await world.lifeboat.replications())
    .filter(({ name }) => NAMES.includes(name))
    .map((vm) => `${vm.state} ${vm.direction}`);
  assert.deepEqual([...new Set(standing)], [`${day.state} original`]);
  await nothingHeld(world, job);
  for (const one of [job, ...(other ? [other] : [])]) await toldWhole(world, one);
}

async function mustEnd(world: Listening, operation: string, words: Words): Promise<void> {
  const { state, exceptions } = await endedWithAnswers(
    world,
    (await send(world, { operation, plan: PLAIN })).id,
    words,
  );
  assert.deepEqual({ operation, state, exceptions }, { operation, state: 'completed', exceptions: [] });
}
