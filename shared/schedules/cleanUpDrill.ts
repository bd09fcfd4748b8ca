// The time to live of a drill: what is still in test after it is cleaned up, however the drill went.
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
 * In the name of who has saved the schedule, also when that right has ended since: what was begun
 * by it must not stay.
 */
const callerOf = ({ grant }: OccurrenceDocument): Caller => ({ ...grant.by, door: 'schedule' });

/** The job that cleans up, when one was begun now. */
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
    // Somebody else holds them now, say. It is tried again each minute until nothing is left, and
    // the alarms tell of it meanwhile.
    if (!(error instanceof LifeboatError) || error.kind !== ErrorKind.rejected) throw error;
    if (occurrence.cleanUp?.message !== error.message)
      await saveOccurrence(occurrence, {
        cleanUp: { jobId: null, message: error.message, code: error.code },
      });
    return undefined;
  }
}

/** It may wait for a person; nothing new is begun in it from here on, and what runs comes to its end. */
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
    `The drill was not over by ${(await clock().now()).toISOString()}; it was cancelled, and ` +
    'is cleaned up after.';
  if (!occurrence.cleanUp) await saveOccurrence(occurrence, { cleanUp: { jobId: null, message } });
}

async function findVmsInTest(steps: readonly StepDocument[]): Promise<readonly string[]> {
  const testedIds = steps
    .filter(({ phase }) => phase === 'testFailover')
    .flatMap(({ work, targetId }) => (work.kind === 'group' ? work.vms.map(({ id }) => id) : [targetId]));
  return (await findVms([...new Set(testedIds)]))
    .filter((vm) => vmStateOf(vm) === 'testing')
    .map(({ id }) => id);
}
