// Plans the retry of a partially completed multi-VM group.
// One remaining VM goes alone. Several remaining VMs get a native plan of their own.

import type { Prerequisite } from '../azure/prerequisite.ts';
import { PREREQUISITE_PHASES } from '../core/operations.ts';
import { prerequisiteIdOf, remainingGroupPlanNameOf } from '../core/ids.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import { saveStep, retryFields } from '../journal/saveStep.ts';
import { createSteps, hasArrived, readStep } from '../journal/steps.ts';
import { findVms } from '../replications/registry.ts';
import { isToBeRetried } from '../journal/leftOver.ts';
import { prerequisiteStep, toStepDocuments } from './stepPlan.ts';
import { groupPlanPrerequisite } from '../replications/multiVmGroups.ts';

/** The native plan that the remaining VMs need; undefined: they need none. */
export async function findPlanForRemaining(step: StepDocument): Promise<Prerequisite | undefined> {
  const { work, phase, arrived = [] } = step;
  if (
    work.kind !== 'multiVmGroup' ||
    arrived.length === 0 ||
    (phase !== 'failover' && phase !== 'testFailover')
  )
    return undefined;
  const remaining = work.vms.filter(({ id }) => !hasArrived(step, id));
  if (remaining.length < 2) return undefined;
  const vms = await findVms(remaining.map(({ id }) => id));
  return groupPlanPrerequisite(
    { name: vms[0]?.settings?.multiVmGroup?.name ?? step.targetName, vms },
    remainingGroupPlanNameOf(
      phase,
      vms.map(({ armId }) => armId),
    ),
  );
}

const prerequisiteSteps = (
  job: Pick<JobDocument, 'jobId' | 'epoch'>,
  { vaultId, scenario, begunIn }: StepDocument,
  prerequisite: Prerequisite,
): StepDocument[] =>
  toStepDocuments(job, PREREQUISITE_PHASES, [prerequisiteStep(prerequisite, { vaultId, scenario, begunIn })]);

/** The steps of native plans that a retried job needs first, and does not have yet. */
export async function planStepsOfRetry(
  job: JobDocument,
  existingSteps: readonly StepDocument[],
): Promise<readonly StepDocument[]> {
  const partiallyCompleted = existingSteps.filter((step) => step.arrived && isToBeRetried(job, step));
  const steps = await Promise.all(
    partiallyCompleted.map(async (step) => {
      const prerequisite = await findPlanForRemaining(step);
      return prerequisite ? prerequisiteSteps(job, step, prerequisite) : [];
    }),
  );
  const existingIds = new Set(existingSteps.map(({ id }) => id));
  return [...new Map(steps.flat().map((step) => [step.id, step])).values()].filter(
    ({ id }) => !existingIds.has(id),
  );
}

/** Creates or retries the step of the native plan in a running job. Returns the new needs of the group. */
export async function createPlanForRemaining(
  step: StepDocument,
  now: Date,
): Promise<Pick<StepDocument, 'needs'>> {
  const prerequisite = await findPlanForRemaining(step);
  if (!prerequisite) return { needs: step.needs };
  for (const planStep of prerequisiteSteps(step, step, prerequisite)) {
    const existing = await readStep(step.jobId, planStep.id);
    if (!existing) await createSteps(step.jobId, [planStep]);
    else if (existing.state === 'failed')
      await saveStep(
        existing,
        {
          step: retryFields(existing),
          cause: 'person',
          log: 'Tried again, for the remaining VMs of the group.',
        },
        now,
      );
  }
  return { needs: [...new Set([...step.needs, prerequisiteIdOf(prerequisite.id)])] };
}
