// Whether a command on a plan may start, by what the store knows: the same judgement as the plan's preview.
import type { PlanCommand } from '../commands/command.ts';
import type { Obstacle } from '../plans/rules/runPreview.ts';
import { withoutVms } from '../plans/rules/without.ts';
import { rejected } from '../core/errors.ts';
import { previewOfRun } from '../runs/preview.ts';
import type { JobDocument } from '../journal/documents.ts';
import type { PlanDocument } from '../plans/documents.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { readPlan } from '../plans/store.ts';
import { findLocks } from '../replications/registry.ts';
import { keptWarnings, warningsOfRun } from './warnings.ts';
import { mustBePossible } from './possible.ts';
import { yieldingAmong } from './yielding.ts';

/** Which plan it is, and how many VMs take part. */
export async function mustBeAllowedOnPlan(
  command: PlanCommand,
): Promise<Pick<JobDocument, 'plan' | 'vmCount' | 'warnings' | 'warningCount'>> {
  const document = await planToRun(command);
  const plan = withoutVms(document.plan, leftOut(document, command.exclude));
  const { preview, vms } = await previewOfRun(
    { planId: document.planId, plan },
    command.operation,
    'networkId' in command ? command.networkId : undefined,
  );
  mustBePossible(command, vms);
  const yielding = await yieldingTo(command, vms);
  const obstacles = preview.obstacles.filter(
    ({ refuses, code, vm }) => refuses && !(code === 'VmHeld' && yielding.has(vm ?? '')),
  );
  if (obstacles.length > 0)
    throw rejected(
      409,
      'PlanCannotRun',
      `${command.operation} of the plan ${document.planId} cannot run now: ${told(obstacles)} ` +
        'Nothing was started. The command may leave VMs out: "exclude": [ids].',
      { obstacles },
    );
  if (vms.length === 0)
    throw rejected(
      422,
      'PlanEmpty',
      `No VM of the plan ${document.planId} would take part. Nothing was started.`,
    );
  const warnings = keptWarnings(warningsOfRun(document, command.operation, preview.obstacles, vms));
  return {
    plan: { id: document.planId, version: document.version, name: document.plan.name },
    vmCount: vms.length,
    ...warnings,
  };
}

async function planToRun({ plan: id, planVersion }: PlanCommand): Promise<PlanDocument> {
  const plan = await readPlan(id);
  if (!plan)
    throw rejected(
      404,
      'PlanUnknown',
      `There is no plan ${id}. GET /api/v1/plans lists those that there are. Nothing was started.`,
    );
  if (planVersion !== undefined && planVersion !== plan.version)
    throw rejected(
      409,
      'PlanChanged',
      `The plan ${id} is at version ${plan.version} now; the command is for version ` +
        `${planVersion}. Nothing was started. Read it again, and send the command for that.`,
      { version: plan.version },
    );
  return plan;
}

function leftOut({ plan, planId }: PlanDocument, ids: readonly string[]): readonly string[] {
  const known = new Set(Object.values(plan.runs).flatMap((groups = []) => groups.flatMap(({ vms }) => vms)));
  const strange = ids.filter((id) => !known.has(id));
  if (strange.length > 0)
    throw rejected(
      422,
      'VmNotInPlan',
      `The plan ${planId} has no VM ${strange.join(', ')} that could be left out. Nothing was started.`,
      { vms: strange },
    );
  return ids;
}

/** VMs in a drill, which gives them back to whoever brings them over. */
async function yieldingTo(
  command: PlanCommand,
  vms: readonly ReplicatedVmDocument[],
): Promise<ReadonlySet<string>> {
  const locks = await findLocks(vms.map(({ id }) => id));
  const yielding = await yieldingAmong(
    locks.map(({ jobId }) => jobId),
    command,
  );
  return new Set(locks.flatMap(({ jobId, targetId }) => (yielding.has(jobId) ? [targetId] : [])));
}

const MOST_TOLD = 5;
const told = (list: readonly Obstacle[]): string =>
  `${list
    .slice(0, MOST_TOLD)
    .map(({ message }) => message)
    .join(' ')}${list.length > MOST_TOLD ? ` And ${list.length - MOST_TOLD} more.` : ''}`;
