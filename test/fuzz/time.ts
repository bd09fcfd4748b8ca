// Lets story time go, so that jobs come to their ends, and holds what they say against what Azure has done.
import type { SiteRecoveryWrite } from '../../simulator/simulator.ts';
import { isFinalJob } from '../../shared/core/states/job.ts';
import type { AttemptDocument, JobDocument, StepDocument } from '../../shared/journal/documents.ts';
import type { LockDocument } from '../../shared/replications/documents.ts';
import { must, mustBeSame } from './effects/effect.ts';
import type { Stage } from './stage.ts';

/** Most of Site Recovery's jobs take no longer, and the registry sees what has become of a VM. */
const THREE_MINUTES = 180;
/** After so many times three minutes what still runs is told to stop: it takes days. */
const PATIENCE = 5;
const UNTIL_STOPPED = 120;

async function say(stage: Stage, job: JobDocument, verb: string): Promise<void> {
  const headers = { authorization: `Bearer ${await stage.token('owner')}` };
  const { status, text } = await stage.send({
    method: 'POST',
    address: `/api/v1/jobs/${job.jobId}/${verb}`,
    headers,
  });
  must(status === 200 || status === 409, `${verb} of ${job.jobId} answered ${status}.`, text);
}

/** To the end of every job that there is. */
export async function letJobsEnd(stage: Stage): Promise<void> {
  for (let round = 0; stage.known().openJobs.length > 0; round += 1) {
    must(
      round < UNTIL_STOPPED,
      'Jobs do not end.',
      stage.known().openJobs.map(({ jobId, state, command, needs }) => ({ jobId, state, command, needs })),
    );
    for (const job of stage.known().openJobs) {
      // Nobody comes to say anything any more.
      if (round >= PATIENCE || (round > 0 && job.needs.length > 0)) await say(stage, job, 'cancel');
      else if (round === 0) await say(stage, job, 'resume');
    }
    await stage.pass(THREE_MINUTES);
  }
  await stage.pass(THREE_MINUTES);
  await mustBeTrue(stage);
}

const idOf = (armId: string): string => armId.split('/').at(-1)?.toLowerCase() ?? '';

/**
 * Site Recovery did what steps say that it did, once each, and nothing that no step of any job has
 * asked for.
 */
async function mustBeTrue(stage: Stage): Promise<void> {
  const writes = await stage.simulator.siteRecovery.writes();
  const [steps, attempts] = [
    stage.books.documents<StepDocument>('step'),
    stage.books.documents<AttemptDocument>('attempt'),
  ];
  const [ended, open] = [
    stage.books.documents<JobDocument>('job'),
    new Set(stage.known().openJobs.map(({ jobId }) => jobId)),
  ];
  const jobs = new Map(ended.map((job) => [job.jobId, job]));
  const started = new Map(writes.map((write) => [write.jobId.toLowerCase(), write]));
  const asked = new Set(attempts.flatMap(({ armJobId }) => (armJobId === null ? [] : [idOf(armJobId)])));
  mustBeSame(
    writes
      .filter(({ jobId, jobState }) => jobState !== 'Failed' && !asked.has(jobId.toLowerCase()))
      .map(({ itemName, operation }) => [itemName, operation]),
    [],
    'What Site Recovery did and nobody has asked for',
  );
  for (const step of steps) mustBeDone(step, started);
  for (const job of jobs.values()) mustAddUp(job, steps);
  const held = stage.books
    .documents<LockDocument>('lock')
    .filter(({ jobId }) => !open.has(jobId) && isFinalJob(jobs.get(jobId)?.state ?? 'accepted'));
  mustBeSame(
    held.map(({ targetId, jobId }) => [targetId, jobId]),
    [],
    'What jobs hold that have ended',
  );
}

function mustBeDone(
  { id, jobId, state, armJobId, work }: StepDocument,
  started: ReadonlyMap<string, SiteRecoveryWrite>,
): void {
  if (state !== 'succeeded' || armJobId === null || (work.kind !== 'replicatedVm' && work.kind !== 'group'))
    return;
  const write = started.get(idOf(armJobId));
  must(
    write?.jobState === 'Succeeded',
    'A step says that it succeeded, and its job in Site Recovery did not.',
    { id, jobId, armJobId, write },
  );
}

function mustAddUp({ jobId, state, exceptionCount }: JobDocument, all: readonly StepDocument[]): void {
  // What a person wanted left out is not missing.
  const missing = all.filter(
    (step) =>
      step.jobId === jobId &&
      (step.state === 'failed' || step.state === 'skipped') &&
      step.work.kind !== 'hold' &&
      step.error?.code !== 'SkippedByPerson',
  );
  if (state === 'completed')
    must(
      missing.length === 0 && exceptionCount === 0,
      'A job says that it is complete, and something is missing.',
      missing.map(({ id, error }) => [id, error]),
    );
}
