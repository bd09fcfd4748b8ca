// What is left of a multi-VM group that was torn goes as a command for those VMs would have it go:
// one alone, several through a native plan of their own.
import type { Part } from '../azure/prerequisite.ts';
import { PREPARING } from '../core/words.ts';
import { partIdOf, restPlanNameOf } from '../core/ids.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import { saveStep, triedAgain } from '../journal/saveStep.ts';
import { createSteps, isThere, readStep } from '../journal/steps.ts';
import { findVms } from '../replications/registry.ts';
import { isTriedAgain } from '../journal/leftOver.ts';
import { partLayout, toSteps } from './layout.ts';
import { planPartOf } from '../replications/multiVm.ts';

/** The plan that those who are left need; undefined where they need none. */
export async function planOfRest(step: StepDocument): Promise<Part | undefined> {
  const { work, phase, arrived = [] } = step;
  if (work.kind !== 'group' || arrived.length === 0 || (phase !== 'failover' && phase !== 'testFailover'))
    return undefined;
  const left = work.vms.filter(({ id }) => !isThere(step, id));
  if (left.length < 2) return undefined;
  const vms = await findVms(left.map(({ id }) => id));
  return planPartOf(
    { name: vms[0]?.settings?.multiVmGroup?.name ?? step.targetName, vms },
    restPlanNameOf(
      phase,
      vms.map(({ armId }) => armId),
    ),
  );
}

const partSteps = (
  job: Pick<JobDocument, 'jobId' | 'epoch'>,
  { vaultId, scenario, begunIn }: StepDocument,
  part: Part,
): StepDocument[] => toSteps(job, PREPARING, [partLayout(part, { vaultId, scenario, begunIn })]);

/** Those that a job which is tried again has to make first, and has not laid out yet. */
export async function plansOfRests(
  job: JobDocument,
  laid: readonly StepDocument[],
): Promise<readonly StepDocument[]> {
  const torn = laid.filter((step) => step.arrived && isTriedAgain(job, step));
  const steps = await Promise.all(
    torn.map(async (step) => {
      const part = await planOfRest(step);
      return part ? partSteps(job, step, part) : [];
    }),
  );
  const known = new Set(laid.map(({ id }) => id));
  return [...new Map(steps.flat().map((step) => [step.id, step])).values()].filter(
    ({ id }) => !known.has(id),
  );
}

/** In a run that goes on: the plan's own step is begun, and what the group's step waits for. */
export async function makePlanOfRest(step: StepDocument, now: Date): Promise<Pick<StepDocument, 'needs'>> {
  const part = await planOfRest(step);
  if (!part) return { needs: step.needs };
  for (const laid of partSteps(step, step, part)) {
    const known = await readStep(step.jobId, laid.id);
    if (!known) await createSteps(step.jobId, [laid]);
    else if (known.state === 'failed')
      await saveStep(
        known,
        {
          step: triedAgain(known),
          mover: 'person',
          log: 'Tried again, for those of the group who are left.',
        },
        now,
      );
  }
  return { needs: [...new Set([...step.needs, partIdOf(part.id)])] };
}
