// The difficult runs of a plan. The chaos runner kills the app at the boundaries of each run. Each
// run defines the answers of persons, the expected result, and the way back to the first state.
import assert from 'node:assert/strict';
import type { Job, Step } from '../support/lifeboat-client.ts';
import type { EventEnvironment } from '../support/event-environment.ts';
import { planBody, putPlan, waitForQuestions } from '../support/plans.ts';
import type { NewFaultRule } from '../support/test-environment.ts';
import {
  ANSWERED_BY_PERSONS,
  WINDOW_COMMITS,
  CONTINUED,
  PAUSED_AND_CANCELLED,
  WINDOW_SKIPPED,
  SKIPPED_BY_PERSON,
  DRILL_YIELDS,
  WINDOW_EXPIRES,
  STOPPED,
  TRIED_AGAIN,
  type DisruptionBoundary,
} from './disruption-boundaries.ts';
import { harmlessFaults } from './random-faults.ts';
import { runWithFaults } from './run-with-kills.ts';
import {
  waitForKills,
  answerUntilEnd,
  isVmStep,
  VM_NAMES,
  assertNoLocks,
  startPlanEnvironment,
  retryAndWait,
  sendUntilTrue,
  sendAccepted,
  assertCompleteJobEvents,
  readWriteJobIds,
  type AnswersByKind,
} from './plan-environment.ts';

const [PLAIN, HARD, DRILLED, RUNNING_OUT, WAITING, CAREFUL] = [
  'plain',
  'hard',
  'drilled',
  'running-out',
  'waiting',
  'careful',
] as const;

export interface Disruption {
  readonly name: string;
  readonly boundaries: readonly DisruptionBoundary[];
  readonly command: { readonly operation: 'failover'; readonly plan: string };
  /** Starts another job before the runner sends the command. */
  readonly startOtherJob?: (environment: EventEnvironment) => Promise<Job>;
  readonly faults?: readonly NewFaultRule[];
  /** Acts for the persons until the command's job has ended. */
  readonly actAsPersons: (environment: EventEnvironment, jobId: string) => Promise<Job>;
  /** The expected state of each step when the jobs end. */
  readonly expectedSteps: (drilled: readonly string[]) => Readonly<Record<string, string>>;
  readonly state: string;
}

const manualStep = (name: string) => ({ kind: 'manual', name, instructions: 'Is it as it should be?' });
const GROUPS = [['orders-1', 'orders-2'], ['app'], ['web']] as const;
const idOf = ({ vms }: EventEnvironment, name: string): string =>
  vms.find((vm) => vm.name === name)?.id ?? '';

/**
 * Leaves the target that a failover locks first out of the drill. The failover then locks it, finds
 * the other targets locked, and unlocks it again.
 */
const drilledGroups = (environment: EventEnvironment): readonly (readonly string[])[] => {
  const lowest =
    [...VM_NAMES].sort((a, b) => (idOf(environment, a) < idOf(environment, b) ? -1 : 1))[0] ?? '';
  // A single VM comes first: its test has ended when the others wait for a person.
  return GROUPS.filter((group) => !group.some((name) => name === lowest)).sort((a, b) => a.length - b.length);
};

export async function startDisruptionEnvironment(): Promise<EventEnvironment> {
  const environment = await startPlanEnvironment();
  await saveDisruptionPlans(environment);
  return environment;
}

export async function saveDisruptionPlans(environment: EventEnvironment): Promise<void> {
  const [data, app, web] = [
    { name: 'data', vms: GROUPS[0] },
    { name: 'app', vms: GROUPS[1] },
    { name: 'web', vms: GROUPS[2] },
  ];
  await putPlan(environment, PLAIN, planBody(environment, [data, app, web]));
  await putPlan(
    environment,
    HARD,
    planBody(environment, [
      data,
      { ...app, before: [manualStep('Look at the data')] },
      { ...web, before: [manualStep('Open the door')] },
    ]),
  );
  await putPlan(
    environment,
    RUNNING_OUT,
    planBody(environment, [data, app, web], { commitWindow: { kind: 'cancel', afterMinutes: 60 } }),
  );
  await putPlan(
    environment,
    WAITING,
    planBody(environment, [data, app, web], { commitWindow: { kind: 'commit', afterMinutes: 10_000 } }),
  );
  await putPlan(
    environment,
    CAREFUL,
    planBody(environment, [
      data,
      { ...app, before: [manualStep('Look at the data')] },
      { ...web, before: [{ kind: 'approval', name: 'Two say yes', people: 2 }] },
    ]),
  );
  const [first, other] = drilledGroups(environment) as [readonly string[], readonly string[]];
  const drill = planBody(
    environment,
    [
      { name: 'one', vms: first },
      {
        name: 'other',
        vms: other,
        before: [{ ...manualStep('Look at the test'), alsoIn: ['testFailover'] }],
      },
    ],
    { drill: { checks: [], cleanUpAfterMinutes: 10_000 } },
  );
  await putPlan(environment, DRILLED, drill);
}

/**
 * Gives one answer to each kind of question. If the job ends with something left over, it retries
 * the same job.
 */
const answerWith =
  (words: AnswersByKind, again?: AnswersByKind) =>
  async (environment: EventEnvironment, id: string): Promise<Job> => {
    const ended = await answerUntilEnd(environment, id, words);
    return again ? retryAndWait(environment, ended, again) : ended;
  };

/**
 * Answers each question until the job ends. A manual step gets `notDone` first, and `done` after its
 * retry. Two persons approve. Each answer repeats until the app accepts it.
 */
const answerAllQuestions = ({ lifeboat }: EventEnvironment, id: string): Promise<Job> =>
  lifeboat.waitFor(
    async () => {
      const job = await lifeboat.readJob(id);
      for (const question of job.questions) {
        if (question.kind === 'approval')
          for (const principal of ['dora', 'approver'])
            await lifeboat.answer(question, 'approved', { principal });
        else {
          const manualAnswer = question.id.endsWith(':0') ? 'notDone' : 'done';
          await lifeboat.answer(question, question.kind === 'failure' ? 'tryAgain' : manualAnswer, {
            principal: 'operator',
          });
        }
      }
      return job.endedAt === null ? undefined : job;
    },
    `the end of job ${id}`,
    240,
    () => lifeboat.readJob(id),
  );

/**
 * A person skips one VM while the run waits for an answer. After the end the same job fails that VM
 * over.
 */
async function skipVmAndRetry(environment: EventEnvironment, id: string): Promise<Job> {
  await waitForQuestions(
    environment,
    await environment.lifeboat.waitFor(() => environment.lifeboat.readJob(id), 'the job'),
    1,
    'manual',
  );
  const isOf = ({ name, phase }: Step): boolean => name === 'app' && phase === 'failover';
  await sendUntilTrue(
    environment,
    id,
    'skip',
    { target: idOf(environment, 'app'), phase: 'failover', reason: 'It is rebuilt by hand.' },
    ({ steps }) => steps.find(isOf)?.state === 'skipped',
  );
  const ended = await answerUntilEnd(environment, id, { manual: 'done' });
  assert.deepEqual(
    [ended.state, ended.steps.find(isOf)?.error?.code],
    ['completedWithExceptions', 'SkippedByPerson'],
  );
  return retryAndWait(environment, ended, { manual: 'done' });
}

/**
 * Pauses the run at its first question, answers and resumes it. Then it cancels the run while the
 * second target is in progress, and retries it.
 */
async function pauseCancelAndRetry(environment: EventEnvironment, id: string): Promise<Job> {
  const { lifeboat, simulator } = environment;
  const {
    questions: [need],
  } = await waitForQuestions(
    environment,
    await lifeboat.waitFor(() => lifeboat.readJob(id), 'the job'),
    1,
    'manual',
  );
  await sendUntilTrue(
    environment,
    id,
    'pause',
    { reason: 'A person checks the network.' },
    ({ control }) => control?.requested === 'paused',
  );
  const isOf = ({ name }: Step): boolean => name === need?.name;
  const answered = await sendUntilTrue(
    environment,
    id,
    'answers',
    { question: need?.id, answer: 'done' },
    ({ steps }) => steps.find(isOf)?.state === 'succeeded',
  );
  const since = Date.parse(answered.steps.find(isOf)?.endedAt ?? '');
  await lifeboat.waitFor(
    async () => ((await simulator.now()).getTime() - since > 600_000 ? true : undefined),
    'ten minutes of simulated time',
  );
  assert.deepEqual(
    (await lifeboat.waitFor(() => lifeboat.readJob(id), 'the job')).steps
      .filter(({ name, phase }) => name === 'app' && phase === 'failover')
      .map(({ state, attempts }) => [state, attempts]),
    [['planned', 0]],
  );
  await sendUntilTrue(environment, id, 'resume', {}, ({ control }) => control?.requested === 'running');
  await sendUntilTrue(
    environment,
    id,
    'cancel',
    { reason: 'Enough.' },
    ({ control }) => control?.requested === 'cancelled',
  );
  const cancelled = await answerUntilEnd(environment, id, {});
  assert.equal(cancelled.state, 'cancelled');
  return retryAndWait(environment, cancelled, { manual: 'done' });
}

const FAILED_DISK_FAULT: NewFaultRule = {
  point: 'operation',
  vm: 'app',
  times: 1,
  do: { kind: 'fail', code: '150097', message: 'The disk is gone.' },
};
const succeededSteps = (...phases: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    phases.flatMap((phase) =>
      (phase === 'failover' ? ['group', 'app', 'web'] : VM_NAMES).map((name) => [
        `${phase} ${name}`,
        'succeeded',
      ]),
    ),
  );
const HARD_PLAN_STEPS = {
  ...succeededSteps('failover'),
  'action Look at the data': 'succeeded',
  'action Open the door': 'succeeded',
};
const failoverCommand = (plan: string) => ({ operation: 'failover', plan }) as const;

export const DISRUPTIONS: readonly Disruption[] = [
  {
    name: 'a drill makes way',
    boundaries: DRILL_YIELDS,
    command: failoverCommand(PLAIN),
    state: 'failedOver',
    actAsPersons: answerWith({}),
    startOtherJob: async (environment) =>
      waitForQuestions(
        environment,
        await sendAccepted(environment, { operation: 'testFailover', plan: DRILLED }),
        1,
        'manual',
      ),
    expectedSteps: ([first = '', other = '']) => ({
      ...succeededSteps('failover'),
      [`cleanUpTestFailover ${first}`]: 'succeeded',
      [`drill: testFailover ${first}`]: 'succeeded',
      'drill: action Look at the test': 'skipped',
      [`drill: testFailover ${other}`]: 'skipped',
      'drill: action Time to live': 'succeeded',
      [`drill: cleanUpTestFailover ${first}`]: 'skipped',
      [`drill: cleanUpTestFailover ${other}`]: 'skipped',
    }),
  },
  {
    name: 'tried again',
    boundaries: TRIED_AGAIN,
    command: failoverCommand(HARD),
    faults: [FAILED_DISK_FAULT],
    state: 'failedOver',
    actAsPersons: answerWith({ manual: 'done', failure: 'tryAgain' }),
    expectedSteps: () => HARD_PLAN_STEPS,
  },
  {
    name: 'gone on',
    boundaries: CONTINUED,
    command: failoverCommand(HARD),
    faults: [FAILED_DISK_FAULT],
    state: 'failedOver',
    actAsPersons: answerWith({ manual: 'done', failure: 'goOn' }, { manual: 'done' }),
    expectedSteps: () => HARD_PLAN_STEPS,
  },
  {
    name: 'stopped',
    boundaries: STOPPED,
    command: failoverCommand(HARD),
    faults: [FAILED_DISK_FAULT],
    state: 'failedOver',
    actAsPersons: answerWith({ manual: 'done', failure: 'stop' }, { manual: 'done' }),
    expectedSteps: () => HARD_PLAN_STEPS,
  },
  {
    name: 'held up',
    boundaries: PAUSED_AND_CANCELLED,
    command: failoverCommand(HARD),
    state: 'failedOver',
    actAsPersons: pauseCancelAndRetry,
    expectedSteps: () => HARD_PLAN_STEPS,
  },
  {
    name: 'asked of persons',
    boundaries: ANSWERED_BY_PERSONS,
    command: failoverCommand(CAREFUL),
    state: 'failedOver',
    actAsPersons: answerAllQuestions,
    expectedSteps: () => ({
      ...succeededSteps('failover'),
      'action Look at the data': 'succeeded',
      'action Two say yes': 'succeeded',
    }),
  },
  {
    name: 'left out by a person',
    boundaries: SKIPPED_BY_PERSON,
    command: failoverCommand(HARD),
    state: 'failedOver',
    actAsPersons: skipVmAndRetry,
    expectedSteps: () => HARD_PLAN_STEPS,
  },
  {
    name: 'a window runs out',
    boundaries: WINDOW_EXPIRES,
    command: failoverCommand(RUNNING_OUT),
    state: 'protected',
    actAsPersons: answerWith({}),
    expectedSteps: () => ({
      ...succeededSteps('failover', 'cancelFailover'),
      'action Commit window': 'succeeded',
    }),
  },
  {
    name: 'a window is left out',
    boundaries: WINDOW_SKIPPED,
    command: failoverCommand(RUNNING_OUT),
    state: 'failedOver',
    actAsPersons: answerWith({ hold: 'skip' }),
    expectedSteps: () => ({
      ...succeededSteps('failover'),
      'action Commit window': 'skipped',
      ...Object.fromEntries(VM_NAMES.map((name) => [`cancelFailover ${name}`, 'skipped'])),
    }),
  },
  {
    name: 'a window is ended',
    boundaries: WINDOW_COMMITS,
    command: failoverCommand(WAITING),
    state: 'committed',
    actAsPersons: answerWith({ hold: 'endNow' }),
    expectedSteps: () => ({ ...succeededSteps('failover', 'commit'), 'action Commit window': 'succeeded' }),
  },
];

/**
 * Plays the run, kills the app at each of its boundaries, and brings the VMs back. Returns the
 * number of kills, and throws on a broken expectation.
 */
export async function runDisruptionKills(
  environment: EventEnvironment,
  disruption: Disruption,
): Promise<number> {
  const { boundaries } = disruption;
  const before = await readWriteJobIds(environment);
  const other = await disruption.startOtherJob?.(environment);
  const drilled = drilledGroups(environment)
    .flat()
    .map((name) => idOf(environment, name));
  const killRules = (pid: number): NewFaultRule[] =>
    boundaries.map(({ where, point }) => ({
      ...where({ drilled }),
      point,
      times: 1,
      do: { kind: 'kill', pid },
    }));
  const { job, kills } = await runWithFaults(
    environment,
    disruption.command,
    (pid) => [...killRules(pid), ...(disruption.faults ?? []), ...harmlessFaults(disruption.name.length)],
    {
      waitForEnd: (id) =>
        disruption.actAsPersons(environment, id).then((ended) => waitForKills(environment, ended)),
    },
  );
  assert.deepEqual({ day: disruption.name, kills }, { day: disruption.name, kills: boundaries.length });
  await assertDisruptionOutcome(environment, disruption, {
    job,
    ...(other ? { other: await answerUntilEnd(environment, other.id) } : {}),
    before,
  });
  if (disruption.state === 'failedOver') await assertCompletes(environment, 'cancelFailover', {});
  return kills;
}

interface DisruptionResult {
  readonly job: Job;
  readonly other?: Job;
  readonly before: ReadonlySet<string>;
}

/** Site Recovery's own count is the truth: each accepted write belongs to exactly one step. */
async function assertDisruptionOutcome(
  environment: EventEnvironment,
  disruption: Disruption,
  { job, other, before }: DisruptionResult,
): Promise<void> {
  assert.deepEqual(
    {
      day: disruption.name,
      state: job.state,
      exceptions: job.exceptions,
      error: job.error,
      questions: job.questions,
    },
    { day: disruption.name, state: 'completed', exceptions: [], error: null, questions: [] },
  );
  const named = drilledGroups(environment).map((group) => (group.length > 1 ? 'group' : (group[0] ?? '')));
  const of = ({ steps }: Job, as: string): [string, string][] =>
    steps
      .filter(({ kind }) => kind !== 'prerequisite')
      .map((step) => [
        `${as}${step.phase} ${step.kind === 'multiVmGroup' ? 'group' : step.name}`,
        step.state,
      ]);
  assert.deepEqual(
    Object.fromEntries([...of(job, ''), ...(other ? of(other, 'drill: ') : [])].sort()),
    Object.fromEntries(Object.entries(disruption.expectedSteps(named)).sort()),
  );
  if (other) assert.equal(other.state, 'cancelled');
  const steps = [...job.steps, ...(other?.steps ?? [])].filter(
    (step) => isVmStep(step) && step.state === 'succeeded',
  );
  const succeededWrites = (await environment.simulator.siteRecovery.writes()).filter(
    ({ jobId, jobState, operation }) =>
      !before.has(jobId) && jobState !== 'Failed' && operation !== 'savePlan',
  );
  assert.deepEqual(
    succeededWrites.map(({ jobId }) => jobId).sort(),
    steps.map(({ siteRecoveryJob }) => siteRecoveryJob).sort(),
    `${disruption.name}: one write for each step, ${JSON.stringify(succeededWrites)}`,
  );
  const vmStates = (await environment.lifeboat.listReplications())
    .filter(({ name }) => VM_NAMES.includes(name))
    .map((vm) => `${vm.state} ${vm.direction}`);
  assert.deepEqual([...new Set(vmStates)], [`${disruption.state} original`]);
  await assertNoLocks(environment, job);
  for (const entry of [job, ...(other ? [other] : [])]) await assertCompleteJobEvents(environment, entry);
}

async function assertCompletes(
  environment: EventEnvironment,
  operation: string,
  words: AnswersByKind,
): Promise<void> {
  const { state, exceptions } = await answerUntilEnd(
    environment,
    (await sendAccepted(environment, { operation, plan: PLAIN })).id,
    words,
  );
  assert.deepEqual({ operation, state, exceptions }, { operation, state: 'completed', exceptions: [] });
}
