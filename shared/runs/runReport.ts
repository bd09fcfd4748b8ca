// Builds the report of a run from the stored job, its steps, its measures and the words of persons.
// This module reads nothing from Azure: the report must be the same at every reading.

import type { RunReport } from '../plans/rules/runReport.ts';
import { isPlanCommand } from '../commands/command.ts';
import { isFinalJobState } from '../core/states/job.ts';
import { isFinalStepState, isSuccessfulStepState } from '../core/states/step.ts';
import { roundSeconds } from '../core/seconds.ts';
import { listAnswers } from '../journal/answers.ts';
import { isSourceLost, readControl } from '../journal/control.ts';
import type {
  AnswerDocument,
  HandedOverVm,
  JobDocument,
  LogDocument,
  StepDocument,
} from '../journal/documents.ts';
import { readLeftovers } from '../journal/inventories.ts';
import { requireJob } from '../journal/job.ts';
import { listPersonalLogLines } from '../journal/log.ts';
import { listSteps } from '../journal/steps.ts';
import { findVms } from '../replications/registry.ts';
import { measureJob, type JobMeasures } from './jobMeasures.ts';
import { openEndsOf } from './openEnds.ts';
import { vmEndsOf, type VmEnd } from './vmEnds.ts';

/** The documents of a job beside its steps and its measures. */
export interface RunRecords {
  readonly answers: readonly AnswerDocument[];
  /** The log lines with a person behind them. */
  readonly lines: readonly LogDocument[];
  /** The ids of resources that a drill left in Azure. */
  readonly leftResources: readonly string[];
  readonly isSourceLost: boolean;
  /** The VMs that other jobs took from this drill. */
  readonly handedOverVms: readonly HandedOverVm[];
  readonly excludedVms: readonly { readonly id: string; readonly name: string }[];
}

/** Reads the report of a job. Every job has one. */
export async function readReportOfJob(jobId: string): Promise<RunReport> {
  const job = await requireJob(jobId);
  const excludedIds = isPlanCommand(job.command) ? job.command.exclude : [];
  const [steps, answers, lines, leftovers, sourceLost, control, excludedVms] = await Promise.all([
    listSteps(jobId),
    listAnswers(jobId),
    listPersonalLogLines(jobId),
    readLeftovers(jobId, job.epoch),
    isSourceLost(jobId),
    readControl(jobId),
    excludedIds.length === 0 ? [] : findVms(excludedIds),
  ]);
  const names = new Map(excludedVms.map(({ id, name }) => [id, name]));
  return buildRunReport(job, steps, await measureJob(job, steps), {
    answers,
    lines,
    leftResources: leftovers?.difference.left ?? [],
    isSourceLost: sourceLost,
    handedOverVms: control?.yields ?? [],
    excludedVms: excludedIds.map((id) => ({ id, name: names.get(id) ?? id })),
  });
}

/** Builds the report from the job, its steps, its measures and its records. */
export function buildRunReport(
  job: JobDocument,
  steps: readonly StepDocument[],
  measures: JobMeasures | null,
  records: RunRecords,
): RunReport {
  const { jobId, plan, command, caller, state, acceptedAt, startedAt, endedAt, error } = job;
  const ends = vmEndsOf(steps, records.handedOverVms);
  const sortedSteps = [...steps].sort(
    (a, b) => a.order - b.order || a.targetName.localeCompare(b.targetName),
  );
  const begunSteps = steps
    .filter((step) => step.startedAt !== null)
    .sort((a, b) => ((a.startedAt ?? '') < (b.startedAt ?? '') ? -1 : 1));
  return {
    job: jobId,
    operation: command.operation,
    plan,
    ticket: command.ticket ?? null,
    reason: command.reason ?? null,
    askedBy: { id: caller.id, name: caller.name, trigger: caller.door, roles: [...caller.roles] },
    state,
    error: error && { code: error.code, message: error.message },
    final: isFinalJobState(state),
    acceptedAt,
    startedAt,
    endedAt,
    targets: measures?.targets ?? {},
    whole: measuredFieldsOf(measures?.plan),
    steps: stepCountsOf(job, steps),
    vms: reportVmsOf(ends, measures),
    notExecuted: [
      ...sortedSteps.filter((step) => isNotExecuted(job, step)).map((step) => notExecutedEntryOf(job, step)),
      ...records.excludedVms.map(excludedEntryOf),
    ],
    actions: sortedSteps.filter(({ work }) => work.kind === 'action').map(timelineEntryOf),
    approvals: approvalsOf(steps, records.answers),
    notes: notesOf(job, records.lines),
    exceptions: job.exceptions.map(({ targetName: name, phase: what, state: stepState, code, message }) => ({
      name,
      what,
      state: stepState,
      code,
      message,
    })),
    exceptionCount: job.exceptionCount,
    warnings: [...job.warnings],
    leftBehind: openEndsOf(job, steps, ends, records),
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

function reportVmsOf(ends: readonly VmEnd[], measures: JobMeasures | null): RunReport['vms'] {
  const measuresByVm = new Map(measures?.vms.map((vmMeasures) => [vmMeasures.vm, vmMeasures]));
  return ends.map((end) => ({
    ...end,
    group: measuresByVm.get(end.vm)?.group || end.group,
    ...measuredFieldsOf(measuresByVm.get(end.vm)),
  }));
}

/** The step has never begun, and never will. */
const isNotExecuted = (job: JobDocument, { state, startedAt }: StepDocument): boolean =>
  startedAt === null &&
  !isSuccessfulStepState(state) &&
  (isFinalStepState(state) || isFinalJobState(job.state));

function stepCountsOf(job: JobDocument, steps: readonly StepDocument[]): RunReport['steps'] {
  const succeeded = steps.filter(({ state }) => isSuccessfulStepState(state)).length;
  const notExecuted = steps.filter((step) => isNotExecuted(job, step)).length;
  const open = steps.filter((step) => !isFinalStepState(step.state) && !isNotExecuted(job, step)).length;
  return {
    planned: steps.length,
    succeeded,
    failed: steps.length - succeeded - notExecuted - open,
    notExecuted,
    open,
  };
}

type NotExecuted = RunReport['notExecuted'][number];
function notExecutedEntryOf(job: JobDocument, step: StepDocument): NotExecuted {
  const fault = step.error ?? job.error;
  return {
    name: step.targetName,
    what: workNameOf(step),
    group: groupOf(step),
    state: step.state,
    code: fault?.code ?? 'NotBegun',
    reason: fault?.message ?? 'The job ended before the turn of this step.',
  };
}

const excludedEntryOf = ({ name }: { readonly name: string }): NotExecuted => ({
  name,
  what: 'vm',
  group: null,
  state: 'excluded',
  code: 'Excluded',
  reason: 'The command excludes this VM.',
});

const approvalsOf = (
  steps: readonly StepDocument[],
  answers: readonly AnswerDocument[],
): RunReport['approvals'] => {
  const names = new Map(steps.map(({ id, targetName }) => [id, targetName]));
  return answers
    .filter(({ answer }) => answer === 'approved' || answer === 'refused')
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .map(({ stepId, answer, by, at, reason }) => ({
      name: names.get(stepId) ?? stepId,
      answer,
      by: { id: by.id, name: by.name },
      at,
      reason,
    }));
};

function notesOf(
  { command, caller, acceptedAt }: JobDocument,
  lines: readonly LogDocument[],
): RunReport['notes'] {
  const ofCommand =
    'notes' in command && command.notes !== ''
      ? [{ at: acceptedAt, by: { id: caller.id, name: caller.name }, name: null, text: command.notes }]
      : [];
  return [
    ...ofCommand,
    ...lines.flatMap(({ at, by, targetName, message }) =>
      by ? [{ at, by: { id: by.id, name: by.name }, name: targetName, text: message }] : [],
    ),
  ];
}

// Older builds stored the group for actions only.
const groupOf = ({ planGroup, work }: StepDocument): string | null =>
  planGroup ?? (work.kind === 'action' ? work.group : null);
const workNameOf = ({ work, phase }: StepDocument): string =>
  work.kind === 'action' ? work.action.kind : work.kind === 'hold' ? work.why : phase;

function timelineEntryOf(step: StepDocument): RunReport['timeline'][number] {
  const { targetName, state, startedAt, endedAt, output, error } = step;
  const seconds =
    startedAt !== null && endedAt !== null
      ? roundSeconds((Date.parse(endedAt) - Date.parse(startedAt)) / 1000)
      : null;
  return {
    name: targetName,
    what: workNameOf(step),
    group: groupOf(step),
    state,
    startedAt,
    endedAt,
    seconds,
    output,
    reason: error?.message ?? null,
  };
}
