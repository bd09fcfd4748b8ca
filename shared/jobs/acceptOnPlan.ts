// Whether a command on a plan may start, by what the store knows: the same judgement as the plan's preview.
import type { PlanCommand } from '../commands/command.ts';
import type { Obstacle } from '../plans/rules/runPreview.ts';
import { withoutVms } from '../plans/rules/withoutVms.ts';
import { rejected } from '../core/errors.ts';
import { previewPlanRun } from '../runs/previewPlan.ts';
import type { JobDocument } from '../journal/documents.ts';
import type { PlanDocument } from '../plans/documents.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { readPlan } from '../plans/store.ts';
import { findLocks } from '../replications/registry.ts';
import { warningFieldsOf, warningsOfRun } from './jobWarnings.ts';
import { assertPossible } from './scenarioChecks.ts';
import { findYieldingJobs } from './yielding.ts';

/** Which plan it is, and how many VMs take part. */
export async function requireAllowedOnPlan(
  command: PlanCommand,
): Promise<Pick<JobDocument, 'plan' | 'vmCount' | 'warnings' | 'warningCount'>> {
  const document = await readPlanToRun(command);
  const plan = withoutVms(document.plan, requireVmsInPlan(document, command.exclude));
  const { preview, vms } = await previewPlanRun(
    { planId: document.planId, plan },
    command.operation,
    'networkId' in command ? command.networkId : undefined,
  );
  assertPossible(command, vms);
  const yielding = await findYieldingVms(command, vms);
  const obstacles = preview.obstacles.filter(
    ({ refuses, code, vm }) => refuses && !(code === 'VmHeld' && yielding.has(vm ?? '')),
  );
  if (obstacles.length > 0)
    throw rejected(
      409,
      'PlanCannotRun',
      `${command.operation} of the plan ${document.planId} cannot run now: ${obstacleTextOf(obstacles)} ` +
        'Nothing was started. The command may leave VMs out: "exclude": [ids].',
      { obstacles },
    );
  if (vms.length === 0)
    throw rejected(
      422,
      'PlanEmpty',
      `No VM of the plan ${document.planId} would take part. Nothing was started.`,
    );
  const warnings = warningFieldsOf(warningsOfRun(document, command.operation, preview.obstacles, vms));
  return {
    plan: { id: document.planId, version: document.version, name: document.plan.name },
    vmCount: vms.length,
    ...warnings,
  };
}

async function readPlanToRun({ plan: id, planVersion }: PlanCommand): Promise<PlanDocument> {
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

function requireVmsInPlan({ plan, planId }: PlanDocument, ids: readonly string[]): readonly string[] {
  const known = new Set(Object.values(plan.runs).flatMap((groups = []) => groups.flatMap(({ vms }) => vms)));
  const unknownIds = ids.filter((id) => !known.has(id));
  if (unknownIds.length > 0)
    throw rejected(
      422,
      'VmNotInPlan',
      `The plan ${planId} has no VM ${unknownIds.join(', ')} that could be left out. Nothing was started.`,
      { vms: unknownIds },
    );
  return ids;
}

/** VMs in a drill, which gives them back to whoever brings them over. */
async function findYieldingVms(
  command: PlanCommand,
  vms: readonly ReplicatedVmDocument[],
): Promise<ReadonlySet<string>> {
  const locks = await findLocks(vms.map(({ id }) => id));
  const yielding = await findYieldingJobs(
    locks.map(({ jobId }) => jobId),
    command,
  );
  return new Set(locks.flatMap(({ jobId, targetId }) => (yielding.has(jobId) ? [targetId] : [])));
}

const MAX_LISTED = 5;
const obstacleTextOf = (list: readonly Obstacle[]): string =>
  `${list
    .slice(0, MAX_LISTED)
    .map(({ message }) => message)
    .join(' ')}${list.length > MAX_LISTED ? ` And ${list.length - MAX_LISTED} more.` : ''}`;
