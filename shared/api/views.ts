// The public form of jobs, steps, plans, replications, call-backs and deliveries. The HTTP routes
// call this module.
import type { Caller } from '../access/caller.ts';
import { allowedOperations, typicalSecondsOf } from '../scenarios/drivers.ts';
import type { ListedJob } from '../journal/jobSummaries.ts';
import { openQuestionsOf } from '../delivery/questions.ts';
import { hasArrived } from '../journal/steps.ts';
import { documentNameOf } from '../store/namedDocuments.ts';
import type { CallbackDocument, DeliveryDocument, UndeliveredRangeDocument } from '../outbox/documents.ts';
import type { ControlDocument, JobDocument, LogDocument, StepDocument } from '../journal/documents.ts';
import type { PlanDocument } from '../plans/documents.ts';
import { stateOfListed, type ListedReplication } from '../jobs/listReplications.ts';

const secondsBetween = (from: string | null, to: string | null): number | null =>
  from && to ? Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000)) : null;

/** The path of a job in the API. */
export const jobPath = (jobId: string): string => `/api/v1/jobs/${jobId}`;

const requesterView = ({ id, name, door }: Pick<Caller, 'id' | 'name' | 'door'>) => ({
  id,
  name,
  trigger: door,
});
/** A person or a service, with the trigger and the roles at that moment. */
const actorView = ({ roles, ...requester }: Pick<Caller, 'id' | 'name' | 'roles' | 'door'>) => ({
  ...requesterView(requester),
  roles,
});

/** The public form of a job. */
export const jobView = (job: JobDocument, control?: ControlDocument) => ({
  id: job.jobId,
  state: job.state,
  operation: job.command.operation,
  epoch: job.epoch,
  command: job.command,
  /** The version of the plan in this job; null when the command names VMs directly. */
  plan: job.plan,
  vms: job.vmCount,
  /** The open questions to people, with the requests that answer them. */
  questions: openQuestionsOf(job),
  requestedBy: actorView(job.caller),
  acceptedAt: job.acceptedAt,
  startedAt: job.startedAt,
  endedAt: job.endedAt,
  seconds: secondsBetween(job.acceptedAt, job.endedAt),
  exceptions: job.exceptions,
  exceptionCount: job.exceptionCount,
  /**
   * The first warnings from before the start, and the number of all warnings. The job went ahead in
   * spite of them.
   */
  warnings: job.warnings,
  warningCount: job.warningCount,
  error: job.error,
  /** The last control request of a person; null when there is none. */
  control: control
    ? { requested: control.wish, by: control.by, reason: control.reason, at: control.at }
    : null,
  links: { self: jobPath(job.jobId) },
});

/** A job in a list. This needs no read of the job itself. */
export const listedJobView = (job: ListedJob) => ({
  id: job.id,
  state: job.state,
  operation: job.operation,
  epoch: job.epoch,
  vms: job.vms,
  plan: job.plan,
  ticket: job.ticket,
  requestedBy: requesterView(job.requestedBy),
  acceptedAt: job.acceptedAt,
  startedAt: job.startedAt,
  endedAt: job.endedAt,
  seconds: secondsBetween(job.acceptedAt, job.endedAt),
  exceptionCount: job.exceptions,
  error: job.error,
  links: { self: jobPath(job.id) },
});

/** The public form of a step. */
export const stepView = (step: StepDocument) => ({
  target: step.targetId,
  kind: step.work.kind,
  name: step.targetName,
  phase: step.phase,
  node: step.node,
  // Older builds stored the group for actions only.
  group: step.planGroup ?? (step.work.kind === 'action' ? step.work.group : null),
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
  /** The times according to Site Recovery; null when Lifeboat started nothing there. */
  siteRecovery: {
    startedAt: step.armStartedAt,
    endedAt: step.armEndedAt,
    seconds: secondsBetween(step.armStartedAt, step.armEndedAt),
    usualSeconds: typicalSecondsOf(step.phase, step.scenario).job,
  },
  recoveryPoint: step.recoveryPoint,
  /** From the recovery point to the start in Site Recovery. Writes in between are lost. */
  dataLossSeconds:
    step.recoveryPoint === null ? null : secondsBetween(step.recoveryPoint.time, step.armStartedAt),
  armIdBefore: step.armIdBefore,
  armIdAfter: step.armIdAfter,
  /** For a multi-VM group: its members, and which of them have reached the target of the step. */
  vms:
    step.work.kind === 'multiVmGroup'
      ? step.work.vms.map(({ id, name }) => ({ id, name, arrived: hasArrived(step, id) }))
      : null,
  replication: step.replicationId ?? (isOfReplication(step) ? step.targetId : null),
});

/** A refused VM has no replication. */
const isOfReplication = ({ work }: StepDocument): boolean =>
  work.kind === 'replicatedVm' || (work.kind === 'newVm' && work.preview.verdict !== 'refused');

/** `by` is the person behind the line, if any. */
export const logView = ({ at, targetName, phase, message, by }: LogDocument) => ({
  at,
  name: targetName,
  phase,
  message,
  by: by ? actorView(by) : null,
});

/** The path of a plan in the API. */
export const planPath = (planId: string): string => `/api/v1/plans/${planId}`;

/** The public form of a plan in a list. */
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

/** The public form of a plan with its warnings. */
export const planView = (document: Omit<PlanDocument, 'id' | 'type'>) => ({
  ...planSummaryView(document),
  plan: document.plan,
  warnings: document.warnings.map(({ code, severity, path, message }) => ({ code, severity, path, message })),
});

/** The public form of the last drill. */
export const lastDrillView = (drill: JobDocument | undefined) =>
  drill?.plan && drill.endedAt
    ? { job: drill.jobId, version: drill.plan.version, endedAt: drill.endedAt }
    : null;

/** The public form of a replicated VM. */
export const replicationView = (vm: ListedReplication) => ({
  id: vm.id,
  name: vm.name,
  scenario: vm.scenario,
  vault: vm.vaultArmId,
  armId: vm.armId,
  direction: vm.direction,
  sites: vm.sites,
  state: stateOfListed(vm),
  // No command may name a VM on its way.
  allowed: vm.seen === null || vm.enabling ? [] : allowedOperations({ ...vm, seen: vm.seen }),
  protectionState: vm.seen?.protectionState ?? null,
  activeLocation: vm.seen?.activeLocation ?? null,
  health: vm.seen?.health ?? null,
  seenAt: vm.seen?.at ?? null,
  /** The progress of a VM on its way to protection. Null: the VM was protected. */
  enabling: vm.enabling
    ? { job: vm.enabling.jobId, stepState: vm.enabling.stepState, percent: vm.enabling.percent }
    : null,
});

/** The path of a call-back address in the API. */
export const callbackPath = (name: string): string => `/api/v1/callbacks/${name}`;

/**
 * Shows only the host of an address. Path and query often hold a secret, as those of chat systems
 * do. The author knows them.
 */
const withoutPath = (address: string): string => {
  const { origin, pathname, search } = new URL(address);
  return pathname === '/' && search === '' ? origin : `${origin}/...`;
};

/** The public form of a call-back address. */
export const callbackView = (callback: CallbackDocument) => ({
  id: documentNameOf(callback),
  version: callback.version,
  url: withoutPath(callback.url),
  audience: callback.audience,
  level: callback.level,
  caller: callback.caller,
  keys: callback.keys,
  savedBy: callback.savedBy,
  savedAt: callback.savedAt,
  links: { self: callbackPath(documentNameOf(callback)) },
});

/** The delivery position of one target of a job. */
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

/** The public form of an undelivered range. */
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
