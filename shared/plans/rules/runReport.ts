// The schema of a run report, and its Markdown text.
// The report proves a run to persons outside the team: plan, timeline, checks, measures, leftovers.

import * as z from 'zod';
import { escapeMarkdown as cell } from '../../core/markdown.ts';

const text = z.string();
const nullableText = text.nullable();
const flag = z.boolean().nullable();
const Verdict = z.enum(['met', 'missed', 'unknown']).nullable();
const seconds = z.number().nullable();
const name = text.describe('The name of the VM, of the prerequisite or of the action.');
const what = text.describe('The phase, or the kind of the action.');
const group = nullableText.describe('The group of the plan; null: none.');
const at = text.describe('The time.');
const code = text.describe('The problem code.');
const Named = z.strictObject({ id: text.describe('The id.'), name: text.describe('The name.') });
const by = Named.describe('The person or service.');
const measuredFields = {
  recoverySeconds: seconds.describe('Seconds from the command to the recovery; null: not recovered.'),
  recovery: Verdict.describe('The recovery time against its target; null: no target.'),
  dataLossSeconds: seconds.describe('Seconds of lost writes; null: not known.'),
  dataLoss: Verdict.describe('The data loss against its target; null: no target.'),
};

const TimelineEntry = z.strictObject({
  name,
  what,
  group,
  state: text.describe('The state of the step.'),
  startedAt: nullableText.describe('The start; null: not begun.'),
  endedAt: nullableText.describe('The end; null: not ended.'),
  seconds: seconds.describe('Seconds from start to end; null: not ended.'),
  output: nullableText.describe('The output of the action; null: none.'),
  reason: nullableText.describe('The error; null: none.'),
});

const StepCounts = z.strictObject({
  planned: z.int().describe('All steps: the sum of the others.'),
  succeeded: z.int().describe('The steps that took effect.'),
  failed: z.int().describe('The steps that began and did not succeed.'),
  notExecuted: z.int().describe('The steps that never began, and never will.'),
  open: z.int().describe('The steps that have not ended.'),
});

const ReportedVm = z.strictObject({
  vm: text.describe("Lifeboat's id of the VM."),
  name,
  group,
  state: text.describe('The state of the last step of the VM that has begun.'),
  cameUp: flag.describe('True: the VM started on the other side. Null: the operation starts no VM.'),
  recoveryPoint: nullableText.describe('The time of the recovery point; null: none.'),
  cleanedUp: flag.describe('True: its test VM is gone. Null: the job has no clean-up.'),
  cleanedUpBy: nullableText.describe(
    'The job that cleaned up the test: this job, or the failover that took the VM from it.',
  ),
  committed: flag.describe('True: its failover is final. Null: the job has no commit.'),
  reprotected: flag.describe('True: it replicates again. Null: the job has no reprotect.'),
  reason: nullableText.describe('The last error; null: none.'),
  ...measuredFields,
});

/** The report of a run, as the API returns it. */
export const RunReport = z.strictObject({
  job: text.describe('The id of the job.'),
  operation: text.describe('The operation of the command.'),
  plan: z
    .strictObject({
      id: text.describe('The id.'),
      version: z.int().describe('The version in this job.'),
      name: text.describe('The name.'),
    })
    .nullable()
    .describe('The plan; null: the command names VMs.'),
  ticket: nullableText.describe('The ticket; null: none.'),
  reason: nullableText.describe('The reason of the command; null: none.'),
  askedBy: Named.extend({
    trigger: text.describe('The trigger of the command.'),
    roles: z.array(text).describe('The roles at that moment.'),
  }).describe('The person or service that asked.'),
  state: text.describe('The state of the job.'),
  error: z
    .strictObject({ code, message: text.describe('The message.') })
    .nullable()
    .describe('The reason why the whole job failed or was refused; null: none.'),
  final: z
    .boolean()
    .describe('The job has ended. This report changes only if a person retries the remaining steps.'),
  acceptedAt: text.describe('The time of the command.'),
  startedAt: nullableText.describe('The start of the job; null: not begun.'),
  endedAt: nullableText.describe('The end of the job; null: not ended.'),
  targets: z
    .strictObject({
      recoveryMinutes: z.number().optional().describe('The wanted recovery time in minutes.'),
      dataLossMinutes: z.number().optional().describe('The accepted data loss in minutes.'),
    })
    .describe('The targets of the plan.'),
  whole: z.strictObject(measuredFields).describe('The measures of the whole run.'),
  steps: StepCounts.describe('How many steps were planned, and how they ended.'),
  vms: z.array(ReportedVm).describe('The VMs.'),
  notExecuted: z
    .array(
      z.strictObject({
        name,
        what,
        group,
        state: text.describe('The state of the step, or excluded.'),
        code,
        reason: text.describe('Why it never began.'),
      }),
    )
    .describe('The planned steps that never began, and the excluded VMs.'),
  actions: z.array(TimelineEntry).describe('The actions around the VMs, with the checks.'),
  approvals: z
    .array(
      z.strictObject({
        name: text.describe('The name of the approval.'),
        answer: text.describe('The vote.'),
        by,
        at,
        reason: nullableText.describe('The reason of the person; null: none.'),
      }),
    )
    .describe('The votes on the approvals of the plan.'),
  notes: z
    .array(
      z.strictObject({
        at,
        by,
        name: nullableText.describe('The VM or the action; null: the whole job.'),
        text: text.describe('The words.'),
      }),
    )
    .describe('What persons said and did in the job: answers, pauses, their words.'),
  exceptions: z
    .array(
      z.strictObject({
        name,
        what,
        state: text.describe('The state of the step.'),
        code,
        message: text.describe('The message.'),
      }),
    )
    .describe('The first exceptions of the job.'),
  exceptionCount: z.int().describe('The number of all exceptions.'),
  warnings: z
    .array(
      z.strictObject({
        code,
        message: text.describe('The message.'),
        vm: Named.nullable().describe('The VM; null: the whole run.'),
      }),
    )
    .describe('Warnings from before the run. The run went ahead in spite of them.'),
  leftBehind: z
    .array(
      z.strictObject({
        code,
        vm: Named.nullable().describe('The VM; null: a resource of a drill.'),
        message: text.describe('The open end in a sentence.'),
      }),
    )
    .describe(
      'Open ends at the end of the job, or now, as far as this job knows. Later jobs may close them.',
    ),
  timeline: z.array(TimelineEntry).describe('The begun steps, in the order of their starts.'),
});
export type RunReport = z.infer<typeof RunReport>;

/** Titles of runs that have a shorter word for their operation. */
const TITLES: Readonly<Record<string, string>> = {
  testFailover: 'Drill',
  failover: 'Failover',
  failback: 'Failback',
};

/** The report as Markdown, for printing. */
export function runReportMarkdown(report: RunReport): string {
  const { plan, operation } = report;
  return [
    `# ${TITLES[operation] ?? operation} of ` +
      (plan ? `${cell(plan.name)}, version ${plan.version}` : `${report.vms.length} VMs`),
    '',
    ...headOf(report),
    '',
    ...section('Left behind', ['what', 'VM', 'what it says'], report.leftBehind, ({ code, vm, message }) => [
      code,
      vm?.name ?? '',
      message,
    ]),
    ...vmSection(report),
    ...section(
      'Not executed',
      ['what', 'on', 'group', 'state', 'why'],
      report.notExecuted,
      ({ what, name, group, state, reason }) => [what, name, group ?? '', state, reason],
    ),
    ...section(
      'Exceptions',
      ['code', 'on', 'what', 'what it says'],
      report.exceptions,
      ({ code, name, what, message }) => [code, name, what, message],
    ),
    ...section('Warnings before it began', ['warning', 'VM', 'what it says'], report.warnings, (warning) => [
      warning.code,
      warning.vm?.name ?? '',
      warning.message,
    ]),
    ...section(
      'Approvals',
      ['approval', 'answer', 'by', 'at', 'reason'],
      report.approvals,
      ({ name, answer, by, at, reason }) => [name, answer, `${by.name} (${by.id})`, at, reason ?? ''],
    ),
    ...section('Notes', ['at', 'by', 'on', 'text'], report.notes, (note) => [
      note.at,
      `${note.by.name} (${note.by.id})`,
      note.name ?? '',
      note.text,
    ]),
    ...section(
      'Actions and checks',
      ['action', 'kind', 'group', 'result', 'took', 'what it said'],
      report.actions,
      (action) => [
        action.name,
        action.what,
        action.group ?? '',
        action.state,
        durationText(action.seconds),
        action.reason ?? action.output ?? '',
      ],
    ),
    ...section('In order', ['began', 'ended', 'what', 'on', 'result'], report.timeline, (entry) => [
      entry.startedAt ?? '',
      entry.endedAt ?? '',
      entry.what,
      entry.name,
      entry.state,
    ]),
  ].join('\n');
}

function headOf(report: RunReport): readonly string[] {
  const { whole, targets, steps, error } = report;
  const ticket = report.ticket ? `, ticket ${cell(report.ticket)}` : '';
  const reason = report.reason ? `: ${cell(report.reason)}` : '';
  const startsVms = report.vms.some(({ cameUp }) => cameUp !== null);
  return [
    `* Job ${report.job}: **${report.state}**${report.final ? '' : ', not over yet'}`,
    ...(error ? [`* ${error.code}: ${cell(error.message)}`] : []),
    `* Asked for by ${cell(report.askedBy.name)} (${report.askedBy.id}, ` +
      `${report.askedBy.roles.join(', ')}) by ${report.askedBy.trigger}${ticket}${reason}`,
    `* From ${report.acceptedAt} to ${report.endedAt ?? 'now'}`,
    `* Planned steps: ${steps.planned}, of them ${steps.succeeded} succeeded, ${steps.failed} failed, ` +
      `${steps.notExecuted} not executed, ${steps.open} open`,
    ...(startsVms
      ? [
          `* Recovered after ${durationText(whole.recoverySeconds)}, target ` +
            `${minutesText(targets.recoveryMinutes)}: **${whole.recovery ?? 'no target'}**`,
          `* Data loss of ${durationText(whole.dataLossSeconds)}, target ` +
            `${minutesText(targets.dataLossMinutes)}: **${whole.dataLoss ?? 'no target'}**`,
        ]
      : []),
    `* Exceptions: ${report.exceptionCount}`,
    `* Left behind: ${report.leftBehind.length === 0 ? 'nothing' : `${report.leftBehind.length}, see below`}`,
  ];
}

type Vm = RunReport['vms'][number];
interface VmColumn {
  readonly head: string;
  readonly cellOf: (vm: Vm) => string;
  readonly isUsed: boolean;
}

/** A column appears only if the operation has it. */
function vmSection({ vms, job }: RunReport): readonly string[] {
  const flagColumn = (head: string, flag: (vm: Vm) => boolean | null): VmColumn => ({
    head,
    cellOf: (vm) => flagText(flag(vm)),
    isUsed: vms.some((vm) => flag(vm) !== null),
  });
  const startsVms = vms.some(({ cameUp }) => cameUp !== null);
  const allColumns: readonly VmColumn[] = [
    { head: 'VM', cellOf: ({ name }) => name, isUsed: true },
    { head: 'group', cellOf: ({ group }) => group ?? '', isUsed: true },
    { head: 'state', cellOf: ({ state }) => state, isUsed: !startsVms },
    flagColumn('came up', ({ cameUp }) => cameUp),
    { head: 'recovery point', cellOf: ({ recoveryPoint }) => recoveryPoint ?? '', isUsed: startsVms },
    { head: 'after', cellOf: ({ recoverySeconds }) => durationText(recoverySeconds), isUsed: startsVms },
    { head: 'data loss', cellOf: ({ dataLossSeconds }) => durationText(dataLossSeconds), isUsed: startsVms },
    {
      head: 'cleaned up',
      cellOf: ({ cleanedUp, cleanedUpBy }) =>
        cleanedUpBy === null || cleanedUpBy === job ? flagText(cleanedUp) : `by ${cleanedUpBy}`,
      isUsed: vms.some(({ cleanedUp }) => cleanedUp !== null),
    },
    flagColumn('committed', ({ committed }) => committed),
    flagColumn('reprotected', ({ reprotected }) => reprotected),
    { head: 'remarks', cellOf: ({ reason }) => reason ?? '', isUsed: true },
  ];
  const columns = allColumns.filter(({ isUsed }) => isUsed);
  return section(
    'Virtual machines',
    columns.map(({ head }) => head),
    vms,
    (vm) => columns.map(({ cellOf }) => cellOf(vm)),
  );
}

/** A section without rows is left out. */
const section = <T>(
  title: string,
  head: readonly string[],
  rows: readonly T[],
  cellsOf: (row: T) => readonly string[],
): readonly string[] =>
  rows.length === 0
    ? []
    : [
        `## ${title}`,
        '',
        row(head),
        row(head.map(() => '---')),
        ...rows.map((each) => row(cellsOf(each))),
        '',
      ];
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
const flagText = (flag: boolean | null): string => (flag === null ? '' : flag ? 'yes' : 'no');
const durationText = (value: number | null): string =>
  value === null ? 'unknown' : value < 120 ? `${Math.round(value)} s` : `${Math.round(value / 60)} min`;
const minutesText = (value: number | undefined): string => (value === undefined ? 'none' : `${value} min`);
