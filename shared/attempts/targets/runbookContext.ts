// The context parameter of a runbook. It has the format of Site Recovery, so that runbooks for Site
// Recovery work unchanged. runbookTarget.ts calls this module.
import { resourceGroupNameOf, nameOf, subscriptionOf } from '../../core/armId.ts';
import { RunName } from '../../plans/rules/action.ts';
import { groupsForRun, vmsOfPlan } from '../../plans/rules/planRuns.ts';
import type { JobDocument, StepDocument } from '../../journal/documents.ts';
import { listStepsOfTargets } from '../../journal/steps.ts';
import { readPlanVersion } from '../../plans/store.ts';
import { isDrill, findActiveVms, type ActiveVm } from './activeVm.ts';

/** A runbook with a parameter of this name receives the context. */
export const CONTEXT_PARAMETER = 'RecoveryPlanContext';
/**
 * Azure limits the parameters of a job. For a larger group the context omits the machines and gives
 * their number.
 */
const MAX_VMS = 500;

/** Returns the context of the run as JSON text. */
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
  // Null while no machine exists on the side of the run.
  RoleName: machineId === null ? null : nameOf(machineId),
  RecoveryPointId: points.get(vm.id) ?? null,
});

/** The VM of the action, or the VMs of its group, or of the whole plan. */
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
