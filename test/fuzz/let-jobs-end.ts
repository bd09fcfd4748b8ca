// Advances simulated time until the jobs end, and checks their reports against Azure's state.
import type { SiteRecoveryWrite } from '../../simulator/simulator.ts';
import { isFinalJobState } from '../../shared/core/states/job.ts';
import type { AttemptDocument, JobDocument, StepDocument } from '../../shared/journal/documents.ts';
import type { LockDocument } from '../../shared/replications/documents.ts';
import { check, checkSame } from './effects/effect.ts';
import type { FuzzEnvironment } from './fuzz-environment.ts';

/** Most Site Recovery jobs end within this time, and the registry sees the new state of a VM. */
const THREE_MINUTES = 180;
/**
 * After this number of rounds of three minutes the test cancels each running job, because it would
 * take days.
 */
const ROUNDS_BEFORE_CANCEL = 5;
const MAX_ROUNDS = 120;

async function controlJob(environment: FuzzEnvironment, job: JobDocument, verb: string): Promise<void> {
  const headers = { authorization: `Bearer ${await environment.token('owner')}` };
  const { status, text } = await environment.send({
    method: 'POST',
    address: `/api/v1/jobs/${job.jobId}/${verb}`,
    headers,
  });
  check(status === 200 || status === 409, `${verb} of ${job.jobId} answered ${status}.`, text);
}

/** Advances time to the end of every job. */
export async function letJobsEnd(environment: FuzzEnvironment): Promise<void> {
  for (let round = 0; environment.readKnownState().openJobs.length > 0; round += 1) {
    check(
      round < MAX_ROUNDS,
      'Jobs do not end.',
      environment
        .readKnownState()
        .openJobs.map(({ jobId, state, command, needs }) => ({ jobId, state, command, needs })),
    );
    for (const job of environment.readKnownState().openJobs) {
      // From here on nobody answers questions.
      if (round >= ROUNDS_BEFORE_CANCEL || (round > 0 && job.needs.length > 0))
        await controlJob(environment, job, 'cancel');
      else if (round === 0) await controlJob(environment, job, 'resume');
    }
    await environment.advanceSeconds(THREE_MINUTES);
  }
  await environment.advanceSeconds(THREE_MINUTES);
  await checkAgainstSiteRecovery(environment);
}

const idOf = (armId: string): string => armId.split('/').at(-1)?.toLowerCase() ?? '';

/** Site Recovery performed each reported step once, and performed nothing without a step. */
async function checkAgainstSiteRecovery(environment: FuzzEnvironment): Promise<void> {
  const writes = await environment.simulator.siteRecovery.writes();
  const [steps, attempts] = [
    environment.storedState.documents<StepDocument>('step'),
    environment.storedState.documents<AttemptDocument>('attempt'),
  ];
  const [ended, open] = [
    environment.storedState.documents<JobDocument>('job'),
    new Set(environment.readKnownState().openJobs.map(({ jobId }) => jobId)),
  ];
  const jobs = new Map(ended.map((job) => [job.jobId, job]));
  const started = new Map(writes.map((write) => [write.jobId.toLowerCase(), write]));
  const startedByLifeboat = new Set(
    attempts.flatMap(({ armJobId }) => (armJobId === null ? [] : [idOf(armJobId)])),
  );
  checkSame(
    writes
      .filter(({ jobId, jobState }) => jobState !== 'Failed' && !startedByLifeboat.has(jobId.toLowerCase()))
      .map(({ itemName, operation }) => [itemName, operation]),
    [],
    'Operations in Site Recovery without a step',
  );
  for (const step of steps) checkStepDone(step, started);
  for (const job of jobs.values()) checkJobOutcome(job, steps);
  const locksOfEndedJobs = environment.storedState
    .documents<LockDocument>('lock')
    .filter(({ jobId }) => !open.has(jobId) && isFinalJobState(jobs.get(jobId)?.state ?? 'accepted'));
  checkSame(
    locksOfEndedJobs.map(({ targetId, jobId }) => [targetId, jobId]),
    [],
    'Locks of ended jobs',
  );
}

function checkStepDone(
  { id, jobId, state, armJobId, work }: StepDocument,
  started: ReadonlyMap<string, SiteRecoveryWrite>,
): void {
  if (
    state !== 'succeeded' ||
    armJobId === null ||
    (work.kind !== 'replicatedVm' && work.kind !== 'multiVmGroup')
  )
    return;
  const write = started.get(idOf(armJobId));
  check(
    write?.jobState === 'Succeeded',
    'A step says that it succeeded, and its job in Site Recovery did not.',
    { id, jobId, armJobId, write },
  );
}

function checkJobOutcome({ jobId, state, exceptionCount }: JobDocument, all: readonly StepDocument[]): void {
  // A step that a person skipped is not missing.
  const missing = all.filter(
    (step) =>
      step.jobId === jobId &&
      (step.state === 'failed' || step.state === 'skipped') &&
      step.work.kind !== 'hold' &&
      step.error?.code !== 'SkippedByPerson',
  );
  if (state === 'completed')
    check(
      missing.length === 0 && exceptionCount === 0,
      'A job says that it is complete, and something is missing.',
      missing.map(({ id, error }) => [id, error]),
    );
}
