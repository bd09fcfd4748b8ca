// What a runbook is told of the run, in the shape in which Site Recovery tells its own: runbooks
// written for that find their way.
import { resourceGroupNameOf, nameOf, subscriptionOf } from '../../core/armId.ts';
import { RunName } from '../../plans/rules/action.ts';
import { groupsForRun, vmsOfPlan } from '../../plans/rules/planRuns.ts';
import type { JobDocument, StepDocument } from '../../journal/documents.ts';
import { listStepsOfTargets } from '../../journal/steps.ts';
import { readPlanVersion } from '../../plans/store.ts';
import { isDrill, findActiveVms, type ActiveVm } from './activeVm.ts';

/** A runbook that declares a parameter of this name is given it. */
export const CONTEXT_PARAMETER = 'RecoveryPlanContext';
/**
 * Parameters of a job have a limit of their own; of a larger group the machines are left out, and
 * that is said.
 */
const MAX_VMS = 500;

export async function readRunbookContext(job: JobDocument, step: StepDocument): Promise<string> {
  const { operation } = job.command;
  const vms = await readVmsOfAction(job, step);
  const drill = isDrill(job);
  const activeVms = vms.length > MAX_VMS ? [] : await findActiveVms(vms, drill);
  const points = await readPointIds(
    job,
    activeVms.map(({ vm }) => vm.id),
    drill,
  );
  return JSON.stringify({
    RecoveryPlanName: job.plan?.name ?? '',
    FailoverType: drill
      ? 'Test'
      : 'kind' in job.command && job.command.kind === 'planned'
        ? 'Planned'
        : 'Unplanned',
    FailoverDirection: operation === 'failback' ? 'SecondaryToPrimary' : 'PrimaryToSecondary',
    GroupId: step.work.kind === 'action' ? (step.work.group ?? '') : '',
    VmMap: Object.fromEntries(activeVms.map((activeVm) => [activeVm.vm.id, vmMapEntryOf(activeVm, points)])),
    ...(vms.length > MAX_VMS ? { VmMapLeftOut: vms.length } : {}),
  });
}

const vmMapEntryOf = ({ vm, machineId }: ActiveVm, points: ReadonlyMap<string, string>) => ({
  SubscriptionId: subscriptionOf(machineId ?? vm.sourceVmId),
  CloudServiceName: '',
  ResourceGroupName: resourceGroupNameOf(machineId ?? vm.sourceVmId),
  // Null as long as there is no machine where the run brings it.
  RoleName: machineId === null ? null : nameOf(machineId),
  RecoveryPointId: points.get(vm.id) ?? null,
});

/** The VM that the action is about, or those of its group, or of the whole plan. */
async function readVmsOfAction(job: JobDocument, { work }: StepDocument): Promise<readonly string[]> {
  if (work.kind !== 'action') return [];
  if (work.vm !== null) return [work.vm];
  const plan = job.plan ? (await readPlanVersion(job.plan.id, job.plan.version))?.plan : undefined;
  if (!plan) return [];
  if (work.group === null) return vmsOfPlan(plan);
  const run = Object.values(RunName).find((name) => name === job.command.operation) ?? RunName.failover;
  return groupsForRun(plan, run).find(({ name }) => name === work.group)?.vms ?? [];
}

async function readPointIds(
  { jobId }: JobDocument,
  vms: readonly string[],
  drill: boolean,
): Promise<ReadonlyMap<string, string>> {
  const steps =
    vms.length === 0 ? [] : await listStepsOfTargets(jobId, drill ? 'testFailover' : 'failover', vms);
  return new Map(
    steps.flatMap(({ targetId, recoveryPoint }) =>
      recoveryPoint ? [[targetId, recoveryPoint.id] as const] : [],
    ),
  );
}
