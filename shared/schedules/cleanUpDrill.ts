// Cleans up a scheduled drill after its time to live, even after a failed drill.
// The schedule timer calls this module each minute until no VM of the drill is in test.

import { clock } from '../core/clock.ts';
import { vmStateOf } from '../scenarios/drivers.ts';
import { isFinalJobState } from '../core/states/job.ts';
import { ErrorKind, LifeboatError } from '../core/errors.ts';
import { acceptCommand } from '../jobs/acceptCommand.ts';
import { setControlState } from '../jobs/controlJob.ts';
import type { WithEtag } from '../store/cosmos.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import type { Caller } from '../access/caller.ts';
import type { OccurrenceDocument } from './documents.ts';
import { readJob } from '../journal/job.ts';
import { listSteps } from '../journal/steps.ts';
import { findVms } from '../replications/registry.ts';
import { saveOccurrence } from './store.ts';
import { idempotencyKeyOfOccurrence } from './startOccurrence.ts';

/**
 * The caller of the clean-up is the person of the grant. The clean-up ignores an expired grant: test
 * VMs of the schedule must not stay.
 */
const callerOf = ({ grant }: OccurrenceDocument): Caller => ({ ...grant.by, door: 'schedule' });

/** Cleans up one occurrence. Returns the clean-up job if this call started one. */
export async function cleanUpDrill(
  occurrence: WithEtag<OccurrenceDocument>,
): Promise<JobDocument | undefined> {
  const drill = await readJob(occurrence.jobId ?? '');
  if (drill && !isFinalJobState(drill.state)) {
    await cancelDrill(occurrence, drill);
    return undefined;
  }
  const vms = drill ? await findVmsInTest(await listSteps(drill.jobId)) : [];
  if (vms.length === 0) {
    await saveOccurrence(occurrence, {
      cleanUpAt: null,
      cleanUp: { jobId: null, message: 'Nothing was left in test.' },
    });
    return undefined;
  }
  const command = {
    operation: 'cleanUpTestFailover',
    vms,
    notes:
      `The time to live of the drill is over (schedule ${occurrence.scheduleId} of plan ` +
      `${occurrence.planId}).`,
  };
  try {
    const job = await acceptCommand(
      command,
      `${idempotencyKeyOfOccurrence(occurrence)}:cleanUp`,
      callerOf(occurrence),
    );
    await saveOccurrence(occurrence, {
      cleanUpAt: null,
      cleanUp: { jobId: job.jobId, message: `${vms.length} VMs were still in test.` },
    });
    return job;
  } catch (error) {
    // For example, another job has locked the VMs. The timer tries again each minute until no VM is
    // in test. Meanwhile an alarm reports the refusal.
    if (!(error instanceof LifeboatError) || error.kind !== ErrorKind.rejected) throw error;
    if (occurrence.cleanUp?.message !== error.message)
      await saveOccurrence(occurrence, {
        cleanUp: { jobId: null, message: error.message, code: error.code },
      });
    return undefined;
  }
}

/** Cancels a drill that still runs, perhaps because it waits for a person. Running steps still finish. */
async function cancelDrill(occurrence: WithEtag<OccurrenceDocument>, drill: JobDocument): Promise<void> {
  await setControlState(
    drill.jobId,
    'cancelled',
    callerOf(occurrence),
    'The time to live that the schedule gives its drills is over.',
  ).catch((error: unknown) => {
    if (!(error instanceof LifeboatError) || error.kind !== ErrorKind.rejected) throw error;
  });
  const message =
    `The drill was not over by ${(await clock().now()).toISOString()}. Lifeboat cancelled it, and ` +
    'cleans it up after its end.';
  if (!occurrence.cleanUp) await saveOccurrence(occurrence, { cleanUp: { jobId: null, message } });
}

async function findVmsInTest(steps: readonly StepDocument[]): Promise<readonly string[]> {
  const testedIds = steps
    .filter(({ phase }) => phase === 'testFailover')
    .flatMap(({ work, targetId }) =>
      work.kind === 'multiVmGroup' ? work.vms.map(({ id }) => id) : [targetId],
    );
  return (await findVms([...new Set(testedIds)]))
    .filter((vm) => vmStateOf(vm) === 'testing')
    .map(({ id }) => id);
}
