// What a runbook is told of the run, in the shape in which Site Recovery tells its own: runbooks
// written for that find their way.
import { groupNameOf, nameOf, subscriptionOf } from '../../core/armId.ts';
import { RunName } from '../../plans/rules/action.ts';
import { groupsFor, vmsOf } from '../../plans/rules/runs.ts';
import type { JobDocument, StepDocument } from '../../journal/documents.ts';
import { stepsOfTargets } from '../../journal/steps.ts';
import { readPlanVersion } from '../../plans/store.ts';
import { isDrill, whereAre, type Placed } from './whereabouts.ts';

/** A runbook that declares a parameter of this name is given it. */
export const CONTEXT = 'RecoveryPlanContext';
/**
 * Parameters of a job have a limit of their own; of a larger group the machines are left out, and
 * that is said.
 */
const MOST_VMS = 500;

export async function contextOf(job: JobDocument, step: StepDocument): Promise<string> {
  const { operation } = job.command;
  const vms = await vmsAround(job, step);
  const drill = isDrill(job);
  const told = vms.length > MOST_VMS ? [] : await whereAre(vms, drill);
  const points = await pointsOf(
    job,
    told.map(({ vm }) => vm.id),
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
    VmMap: Object.fromEntries(told.map((one) => [one.vm.id, machineIn(one, points)])),
    ...(vms.length > MOST_VMS ? { VmMapLeftOut: vms.length } : {}),
  });
}

const machineIn = ({ vm, machineId }: Placed, points: ReadonlyMap<string, string>) => ({
  SubscriptionId: subscriptionOf(machineId ?? vm.sourceVmId),
  CloudServiceName: '',
  ResourceGroupName: groupNameOf(machineId ?? vm.sourceVmId),
  // Null as long as there is no machine where the run brings it.
  RoleName: machineId === null ? null : nameOf(machineId),
  RecoveryPointId: points.get(vm.id) ?? null,
});

/** The VM that the action is about, or those of its group, or of the whole plan. */
async function vmsAround(job: JobDocument, { work }: StepDocument): Promise<readonly string[]> {
  if (work.kind !== 'action') return [];
  if (work.vm !== null) return [work.vm];
  const plan = job.plan ? (await readPlanVersion(job.plan.id, job.plan.version))?.plan : undefined;
  if (!plan) return [];
  if (work.group === null) return vmsOf(plan);
  const run = Object.values(RunName).find((name) => name === job.command.operation) ?? RunName.failover;
  return groupsFor(plan, run).find(({ name }) => name === work.group)?.vms ?? [];
}

async function pointsOf(
  { jobId }: JobDocument,
  vms: readonly string[],
  drill: boolean,
): Promise<ReadonlyMap<string, string>> {
  const steps = vms.length === 0 ? [] : await stepsOfTargets(jobId, drill ? 'testFailover' : 'failover', vms);
  return new Map(
    steps.flatMap(({ targetId, recoveryPoint }) =>
      recoveryPoint ? [[targetId, recoveryPoint.id] as const] : [],
    ),
  );
}
