// Decides whether a command on a plan may start, by the stored facts alone. The rules are the same
// as in the preview of the plan. acceptCommand.ts calls this module.
import type { PlanCommand } from '../commands/command.ts';
import type { Obstacle } from '../plans/rules/runPreview.ts';
import { rejected } from '../core/errors.ts';
import { previewFromStore, withoutExcluded } from '../runs/previewFromStore.ts';
import type { JobDocument } from '../journal/documents.ts';
import type { PlanDocument } from '../plans/documents.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { readPlan } from '../plans/store.ts';
import { findLocks } from '../replications/registry.ts';
import { warningFieldsOf, warningsOfRun } from './jobWarnings.ts';
import { assertPossible } from './scenarioChecks.ts';
import { findYieldingJobs } from './yielding.ts';

/**
 * Returns the plan, the number of its VMs, and the warnings. Throws a refusal if the plan cannot
 * run.
 */
export async function requireAllowedOnPlan(
  command: PlanCommand,
): Promise<Pick<JobDocument, 'plan' | 'vmCount' | 'warnings' | 'warningCount'>> {
  const document = await readPlanToRun(command);
  const { preview, vms } = await previewFromStore(
    withoutExcluded(document, command.exclude),
    command.operation,
    'networkId' in command ? command.networkId : undefined,
  );
  if (preview.vms.length === 0)
    throw rejected(
      422,
      'PlanEmpty',
      `No VM of the plan ${document.planId} would take part. Nothing was started.`,
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
        'Nothing was started. The command can exclude VMs: "exclude": [ids].',
      { obstacles },
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
      `The plan ${id} does not exist. GET /api/v1/plans lists the existing plans. Nothing was started.`,
    );
  if (planVersion !== undefined && planVersion !== plan.version)
    throw rejected(
      409,
      'PlanChanged',
      `The plan ${id} is at version ${plan.version} now; the command is for version ` +
        `${planVersion}. Nothing was started. Read the plan again, ` +
        'then send the command for its new version.',
      { version: plan.version },
    );
  return plan;
}

/** The VMs in a drill that would release them for this command. */
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
