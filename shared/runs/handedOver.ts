// Follows the VMs that a drill handed over to other jobs. Each test VM is cleaned up by exactly one job:
// by the job that took it, or by the drill again if that job ends without its clean-up.
// advancePlan.ts calls this module.
import { isFinalJobState } from '../core/states/job.ts';
import { isNotBegun } from '../core/states/step.ts';
import { handedOverVmsOf, saveYields } from '../journal/control.ts';
import type { ControlDocument, HandedOverVm, JobDocument, StepDocument } from '../journal/documents.ts';
import { readJob } from '../journal/job.ts';
import { cleanedUpByOtherJobChange, saveStep } from '../journal/saveStep.ts';
import { hasArrived, listStepsById, listStepsOfTargets, type StepSummary } from '../journal/steps.ts';
import { vmIdsOfStep } from '../journal/stepVms.ts';
import type { WithEtag } from '../store/cosmos.ts';
import { lockTargets, lockTargetsOf } from './lockTargets.ts';

/** `changed`: steps or controls have changed, so the caller must read them again. */
export type HandOver = 'none' | 'waiting' | 'changed';

/** How soon the drill checks again whether the other job has cleaned up. */
export const HAND_OVER_POLL_SECONDS = 10;

type CleanUp = WithEtag<StepDocument>;
type Control = WithEtag<ControlDocument>;

/** Ends the clean-ups that other jobs have done, and takes VMs back that nobody cleans up any more. */
export async function followHandedOver(
  job: JobDocument,
  control: Control | undefined,
  stepSummaries: readonly StepSummary[],
  now: Date,
): Promise<HandOver> {
  if (!control || control.yields.length === 0) return 'none';
  const ids = stepSummaries
    .filter(({ phase, state }) => phase === 'cleanUpTestFailover' && isNotBegun(state))
    .map(({ id }) => id);
  const steps = ids.length === 0 ? [] : await listStepsById(job.jobId, ids);
  const handedOver = steps.filter((step) => handedOverVmsOf(step, control).length > 0);
  if (handedOver.length === 0) return 'none';
  const takers = await readTakers(control.yields, handedOver);
  const done = handedOver.filter((step) => isCleanedUp(step, control, takers));
  for (const step of done) {
    const jobIds = [...new Set(handedOverVmsOf(step, control).map(({ jobId }) => jobId))];
    await saveStep(step, cleanedUpByOtherJobChange(jobIds, now), now);
  }
  const abandoned = handedOver.filter(
    (step) =>
      !done.includes(step) &&
      handedOverVmsOf(step, control).every(({ jobId }) => takers.get(jobId)?.isOver ?? true),
  );
  const isTakenBack = abandoned.length > 0 && (await takeBack(job, control, abandoned, now));
  return done.length > 0 || isTakenBack ? 'changed' : 'waiting';
}

interface Taker {
  readonly isOver: boolean;
  readonly cleanUpSteps: readonly StepDocument[];
}

async function readTakers(
  yields: readonly HandedOverVm[],
  steps: readonly CleanUp[],
): Promise<ReadonlyMap<string, Taker>> {
  const targetIds = steps.flatMap((step) => [step.targetId, ...vmIdsOfStep(step)]);
  const jobIds = [...new Set(yields.map(({ jobId }) => jobId))];
  return new Map(
    await Promise.all(
      jobIds.map(async (jobId) => {
        // The state first: an ended job changes its steps no more.
        const taker = await readJob(jobId);
        const cleanUpSteps = await listStepsOfTargets(jobId, 'cleanUpTestFailover', targetIds);
        return [jobId, { isOver: !taker || isFinalJobState(taker.state), cleanUpSteps }] as const;
      }),
    ),
  );
}

const isCleanedUp = (step: CleanUp, control: Control, takers: ReadonlyMap<string, Taker>): boolean =>
  vmIdsOfStep(step).every((vm) =>
    handedOverVmsOf(step, control).some(
      ({ vmId, jobId }) =>
        vmId === vm &&
        takers
          .get(jobId)
          ?.cleanUpSteps.some((cleanUp) => vmIdsOfStep(cleanUp).includes(vm) && hasArrived(cleanUp, vm)),
    ),
  );

/**
 * Locks the VMs again, so that the drill cleans them up. A VM that a third job has locked belongs to
 * that job now. False: nothing changed.
 */
async function takeBack(
  job: JobDocument,
  control: Control,
  steps: readonly CleanUp[],
  now: Date,
): Promise<boolean> {
  const targets = lockTargetsOf(steps);
  const blocked = await lockTargets(job, targets, now, () => true);
  const holderOf = new Map(blocked.map(({ targetId, jobId }) => [targetId, jobId]));
  const isTarget = new Set(targets.map(({ targetId }) => targetId));
  const yields = control.yields.flatMap((handedOver): readonly HandedOverVm[] => {
    if (!isTarget.has(handedOver.vmId)) return [handedOver];
    const holderId = holderOf.get(handedOver.vmId);
    return holderId === undefined ? [] : [{ ...handedOver, jobId: holderId }];
  });
  const isSame = yields.every(({ jobId }, index) => jobId === control.yields[index]?.jobId);
  if (isSame && yields.length === control.yields.length) return false;
  const names = targets.filter(({ targetId }) => !holderOf.has(targetId)).map(({ name }) => name);
  const message =
    names.length === 0
      ? 'Another job has taken a VM that this job had handed over.'
      : `Takes ${names.join(', ')} back: the job that asked for it ended without its clean-up.`;
  return saveYields(job.jobId, control, yields, message, now);
}
