// What a caller sees of the store's documents.
import { allowedOperations, vmStateOf, typicalSecondsOf } from '../scenarios/drivers.ts';
import type { ListedJob } from '../journal/jobSummaries.ts';
import { hasArrived } from '../journal/steps.ts';
import { documentNameOf } from '../store/namedDocuments.ts';
import type { CallbackDocument, DeliveryDocument, UndeliveredRangeDocument } from '../outbox/documents.ts';
import type { ControlDocument, JobDocument, LogDocument, StepDocument } from '../journal/documents.ts';
import type { PlanDocument } from '../plans/documents.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';

const secondsBetween = (from: string | null, to: string | null): number | null =>
  from && to ? Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000)) : null;

export const jobPath = (jobId: string): string => `/api/v1/jobs/${jobId}`;

export const jobView = (job: JobDocument, control?: ControlDocument) => ({
  id: job.jobId,
  state: job.state,
  operation: job.command.operation,
  epoch: job.epoch,
  command: job.command,
  /** The version of the plan that it runs; null when it names VMs by themselves. */
  plan: job.plan,
  vms: job.vmCount,
  /** What it waits for persons to say: POST /api/v1/jobs/{id}/answers. */
  questions: job.needs,
  requestedBy: { id: job.caller.id, name: job.caller.name, door: job.caller.door, roles: job.caller.roles },
  acceptedAt: job.acceptedAt,
  startedAt: job.startedAt,
  endedAt: job.endedAt,
  seconds: secondsBetween(job.acceptedAt, job.endedAt),
  exceptions: job.exceptions,
  exceptionCount: job.exceptionCount,
  /**
   * What was known before anything began, and what the job went ahead in spite of: the first of
   * them, and how many there are.
   */
  warnings: job.warnings,
  warningCount: job.warningCount,
  error: job.error,
  /** What a person said to it last; null when nobody did. */
  control: control ? { wish: control.wish, by: control.by, reason: control.reason, at: control.at } : null,
  links: { self: jobPath(job.jobId) },
});

/** As a list shows it, without a look at the job itself. */
export const listedJobView = (job: ListedJob) => ({
  id: job.id,
  state: job.state,
  operation: job.operation,
  epoch: job.epoch,
  vms: job.vms,
  plan: job.plan,
  ticket: job.ticket,
  requestedBy: job.requestedBy,
  acceptedAt: job.acceptedAt,
  startedAt: job.startedAt,
  endedAt: job.endedAt,
  seconds: secondsBetween(job.acceptedAt, job.endedAt),
  exceptionCount: job.exceptions,
  error: job.error,
  links: { self: jobPath(job.id) },
});

export const stepView = (step: StepDocument) => ({
  target: step.targetId,
  kind: step.work.kind,
  name: step.targetName,
  phase: step.phase,
  node: step.node,
  group: step.work.kind === 'action' ? step.work.group : null,
  tries: step.tries,
  output: step.output,
  state: step.state,
  attempts: step.attempt,
  siteRecoveryJob: step.armJobId,
  waitsFor: step.waitsFor,
  error: step.error,
  warnings: step.warnings,
  startedAt: step.startedAt,
  endedAt: step.endedAt,
  seconds: secondsBetween(step.startedAt, step.endedAt),
  /** As Site Recovery tells it: null where nothing of ours ran. */
  siteRecovery: {
    startedAt: step.armStartedAt,
    endedAt: step.armEndedAt,
    seconds: secondsBetween(step.armStartedAt, step.armEndedAt),
    usualSeconds: typicalSecondsOf(step.phase, step.scenario).job,
  },
  recoveryPoint: step.recoveryPoint,
  /**
   * From the point it came up at to the moment in which Site Recovery began: what was written in
   * between is lost.
   */
  dataLossSeconds:
    step.recoveryPoint === null ? null : secondsBetween(step.recoveryPoint.time, step.armStartedAt),
  armIdBefore: step.armIdBefore,
  armIdAfter: step.armIdAfter,
  /** Of a multi-VM group: its members, and who of them is where the step leads. */
  vms:
    step.work.kind === 'group'
      ? step.work.vms.map(({ id, name }) => ({ id, name, arrived: hasArrived(step, id) }))
      : null,
  replication: step.replicationId ?? (step.work.kind === 'replicatedVm' ? step.targetId : null),
});

/** `by`: whose word it tells of. */
export const logView = ({ at, targetName, phase, message, by }: LogDocument) => ({
  at,
  name: targetName,
  phase,
  message,
  by: by ?? null,
});

export const planPath = (planId: string): string => `/api/v1/plans/${planId}`;

export const planSummaryView = ({
  planId,
  plan,
  version,
  origin,
  savedAt,
  warnings,
}: Omit<PlanDocument, 'id' | 'type'>) => ({
  id: planId,
  name: plan.name,
  version,
  savedAt,
  warnings: warnings.length,
  origin:
    origin.kind === 'own'
      ? { kind: origin.kind, by: origin.by.name }
      : { kind: origin.kind, armId: origin.armId },
  links: { self: planPath(planId) },
});

export const planView = (document: Omit<PlanDocument, 'id' | 'type'>) => ({
  ...planSummaryView(document),
  plan: document.plan,
  warnings: document.warnings.map(({ code, severity, path, message }) => ({ code, severity, path, message })),
});

export const lastDrillView = (drill: JobDocument | undefined) =>
  drill?.plan && drill.endedAt
    ? { job: drill.jobId, version: drill.plan.version, endedAt: drill.endedAt }
    : null;

export const replicationView = (vm: ReplicatedVmDocument) => ({
  id: vm.id,
  name: vm.name,
  scenario: vm.scenario,
  vault: vm.vaultArmId,
  armId: vm.armId,
  direction: vm.direction,
  sites: vm.sites,
  state: vmStateOf(vm),
  allowed: allowedOperations(vm),
  protectionState: vm.seen.protectionState,
  activeLocation: vm.seen.activeLocation,
  health: vm.seen.health,
  seenAt: vm.seen.at,
});

export const callbackPath = (name: string): string => `/api/v1/callbacks/${name}`;

/** Many such addresses carry a secret in their query: who has put it there knows it. */
const withoutQuery = (address: string): string => {
  const url = new URL(address);
  return url.search === '' ? address : `${url.origin}${url.pathname}?...`;
};

export const callbackView = (callback: CallbackDocument) => ({
  id: documentNameOf(callback),
  version: callback.version,
  url: withoutQuery(callback.url),
  audience: callback.audience,
  level: callback.level,
  caller: callback.caller,
  keys: callback.keys,
  savedBy: callback.savedBy,
  savedAt: callback.savedAt,
  links: { self: callbackPath(documentNameOf(callback)) },
});

/** How far the events of a job were delivered to one target. */
export const deliveryView = (delivery: DeliveryDocument, last: number) => ({
  target: delivery.target,
  delivered: delivery.delivered,
  waiting: Math.max(0, last - delivery.delivered),
  failures: delivery.failures,
  failingSince: delivery.failingSince,
  triedAgainAt: delivery.notBefore,
  reason: delivery.why,
  undelivered: delivery.gap,
  removed: delivery.removed,
});

export const undeliveredView = ({
  id,
  jobId,
  target,
  from,
  failingSince,
  gaveUpAt,
  failures,
  why,
  resumedAt,
  resumedBy,
}: UndeliveredRangeDocument) => ({
  id,
  stream: jobId,
  target,
  from,
  failingSince,
  gaveUpAt,
  failures,
  reason: why,
  resumedAt,
  resumedBy,
  links: { resume: `/api/v1/undelivered/${encodeURIComponent(jobId)}/${encodeURIComponent(id)}/resume` },
});
