// The report of a drill, from what its job keeps: its steps, and what was measured. Nothing else is
// asked, so it is the same whenever it is read.
import type { DrillReport } from '../plans/rules/drillReport.ts';
import { isFinalJob } from '../core/states/job.ts';
import { rejected } from '../core/errors.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import { readJob } from '../journal/job.ts';
import { isThere, stepsOf } from '../journal/steps.ts';
import { pointsOf, vmMeasuresOf, type JobMeasures } from './measure.ts';

export async function reportOfJob(jobId: string): Promise<DrillReport> {
  const job = await readJob(jobId);
  if (!job) throw rejected(404, 'JobUnknown', `There is no job ${jobId}.`);
  if (job.command.operation !== 'testFailover')
    throw rejected(
      404,
      'NotADrill',
      `The job ${jobId} is a ${job.command.operation}: only of a test failover there is a report.`,
    );
  const steps = await stepsOf(jobId);
  return reportOf(job, steps, await vmMeasuresOf(job, steps));
}

export function reportOf(
  job: JobDocument,
  steps: readonly StepDocument[],
  measures: JobMeasures | null,
): DrillReport {
  const { jobId, plan, command, caller, state, acceptedAt, startedAt, endedAt } = job;
  const vms = vmsOf(steps, measures);
  const begun = [...steps]
    .filter((step) => step.startedAt !== null)
    .sort((a, b) => ((a.startedAt ?? '') < (b.startedAt ?? '') ? -1 : 1));
  return {
    job: jobId,
    plan,
    ticket: command.ticket ?? null,
    reason: command.reason ?? null,
    askedBy: { id: caller.id, name: caller.name, door: caller.door, roles: [...caller.roles] },
    state,
    final: isFinalJob(state),
    acceptedAt,
    startedAt,
    endedAt,
    targets: measures?.targets ?? {},
    whole: measured(measures?.plan),
    vms,
    actions: steps.filter(({ work }) => work.kind === 'action').map(doneBy),
    warnings: [...job.warnings],
    leftBehind: vms.filter(({ cameUp, cleanedUp }) => cameUp && !cleanedUp).map(({ name }) => name),
    timeline: begun.map(doneBy),
  };
}

type Measures = JobMeasures['plan'];
const measured = (one: Measures | undefined) => ({
  recoverySeconds: one?.fromCommandSeconds ?? null,
  recovery: one?.recovery ?? null,
  dataLossSeconds: one?.dataLossSeconds ?? null,
  dataLoss: one?.dataLoss ?? null,
});

const membersOf = ({
  work,
  targetId,
  targetName,
}: StepDocument): readonly { readonly id: string; readonly name: string }[] =>
  work.kind === 'group' ? work.vms : [{ id: targetId, name: targetName }];

function vmsOf(steps: readonly StepDocument[], measures: JobMeasures | null): DrillReport['vms'] {
  const byVm = new Map(measures?.vms.map((one) => [one.vm, one]));
  const cleaned = new Set(
    steps
      .filter(({ phase }) => phase === 'cleanUpTestFailover')
      .flatMap((step) => membersOf(step).flatMap(({ id }) => (isThere(step, id) ? [id] : []))),
  );
  return steps
    .filter(({ phase }) => phase === 'testFailover')
    .flatMap((step) =>
      membersOf(step).map(({ id, name }) => {
        const group = byVm.get(id)?.group ?? '';
        return {
          vm: id,
          name,
          group: group === '' ? null : group,
          cameUp: isThere(step, id),
          recoveryPoint: pointsOf(step)[id] ?? step.recoveryPoint?.time ?? null,
          cleanedUp: cleaned.has(id),
          reason: step.error?.message ?? null,
          ...measured(byVm.get(id)),
        };
      }),
    );
}

function doneBy({
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
    startedAt !== null && endedAt !== null ? (Date.parse(endedAt) - Date.parse(startedAt)) / 1000 : null;
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
