// Builds the report of a drill from the stored job, its steps and its measures.
// This module reads nothing from Azure: the report must be the same at every reading.

import type { DrillReport } from '../plans/rules/drillReport.ts';
import { isFinalJobState } from '../core/states/job.ts';
import { CLEANED_UP_CODE } from '../core/states/node.ts';
import { rejected } from '../core/errors.ts';
import { roundSeconds } from '../core/seconds.ts';
import { readControl } from '../journal/control.ts';
import type { HandedOverVm, JobDocument, StepDocument } from '../journal/documents.ts';
import { requireJob } from '../journal/job.ts';
import { hasArrived, listSteps } from '../journal/steps.ts';
import { pointTimesOf, measureJob, type JobMeasures } from './jobMeasures.ts';

/** Reads the report of a test failover job. Rejects unknown jobs and other operations with 404. */
export async function readReportOfJob(jobId: string): Promise<DrillReport> {
  const job = await requireJob(jobId);
  if (job.command.operation !== 'testFailover')
    throw rejected(
      404,
      'NotADrill',
      `The job ${jobId} is a ${job.command.operation}: only a test failover has a report.`,
    );
  const steps = await listSteps(jobId);
  const control = await readControl(jobId);
  return buildDrillReport(job, steps, await measureJob(job, steps), control?.yields);
}

/** Builds the report from the job, its steps and its measures. */
export function buildDrillReport(
  job: JobDocument,
  steps: readonly StepDocument[],
  measures: JobMeasures | null,
  handedOverVms: readonly HandedOverVm[] = [],
): DrillReport {
  const { jobId, plan, command, caller, state, acceptedAt, startedAt, endedAt } = job;
  const vms = reportVmsOf(job, steps, measures, handedOverVms);
  const begunSteps = [...steps]
    .filter((step) => step.startedAt !== null)
    .sort((a, b) => ((a.startedAt ?? '') < (b.startedAt ?? '') ? -1 : 1));
  return {
    job: jobId,
    plan,
    ticket: command.ticket ?? null,
    reason: command.reason ?? null,
    askedBy: { id: caller.id, name: caller.name, trigger: caller.door, roles: [...caller.roles] },
    state,
    final: isFinalJobState(state),
    acceptedAt,
    startedAt,
    endedAt,
    targets: measures?.targets ?? {},
    whole: measuredFieldsOf(measures?.plan),
    vms,
    actions: steps.filter(({ work }) => work.kind === 'action').map(timelineEntryOf),
    warnings: [...job.warnings],
    leftBehind: vms.filter(({ cameUp, cleanedUp }) => cameUp && !cleanedUp).map(({ name }) => name),
    timeline: begunSteps.map(timelineEntryOf),
  };
}

type PlanMeasures = JobMeasures['plan'];
const measuredFieldsOf = (measures: PlanMeasures | undefined) => ({
  recoverySeconds: measures?.fromCommandSeconds ?? null,
  recovery: measures?.recovery ?? null,
  dataLossSeconds: measures?.dataLossSeconds ?? null,
  dataLoss: measures?.dataLoss ?? null,
});

const vmsOfStep = ({
  work,
  targetId,
  targetName,
}: StepDocument): readonly { readonly id: string; readonly name: string }[] =>
  work.kind === 'multiVmGroup' ? work.vms : [{ id: targetId, name: targetName }];

function reportVmsOf(
  { jobId }: JobDocument,
  steps: readonly StepDocument[],
  measures: JobMeasures | null,
  handedOverVms: readonly HandedOverVm[],
): DrillReport['vms'] {
  const measuresByVm = new Map(measures?.vms.map((vmMeasures) => [vmMeasures.vm, vmMeasures]));
  const cleanerOf = new Map(
    steps
      .filter(({ phase }) => phase === 'cleanUpTestFailover')
      .flatMap((step) =>
        vmsOfStep(step).flatMap(({ id }) => {
          if (hasArrived(step, id)) return [[id, jobId] as const];
          const taker = handedOverVms.find(({ vmId }) => vmId === id);
          return taker && step.error?.code === CLEANED_UP_CODE ? [[id, taker.jobId] as const] : [];
        }),
      ),
  );
  return steps
    .filter(({ phase }) => phase === 'testFailover')
    .flatMap((step) =>
      vmsOfStep(step).map(({ id, name }) => {
        const group = measuresByVm.get(id)?.group ?? '';
        return {
          vm: id,
          name,
          group: group === '' ? null : group,
          cameUp: hasArrived(step, id),
          recoveryPoint: pointTimesOf(step)[id] ?? step.recoveryPoint?.time ?? null,
          cleanedUp: cleanerOf.has(id),
          cleanedUpBy: cleanerOf.get(id) ?? null,
          reason: step.error?.message ?? null,
          ...measuredFieldsOf(measuresByVm.get(id)),
        };
      }),
    );
}

function timelineEntryOf({
  targetName,
  phase,
  work,
  state,
  startedAt,
  endedAt,
  output,
  error,
}: StepDocument): DrillReport['timeline'][number] {
  const seconds =
    startedAt !== null && endedAt !== null
      ? roundSeconds((Date.parse(endedAt) - Date.parse(startedAt)) / 1000)
      : null;
  return {
    name: targetName,
    what: work.kind === 'action' ? work.action.kind : phase,
    group: work.kind === 'action' ? work.group : null,
    state,
    startedAt,
    endedAt,
    seconds,
    output,
    reason: error?.message ?? null,
  };
}
