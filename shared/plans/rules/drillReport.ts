// The schema of a drill report, and its Markdown text.
// The report proves a drill to persons outside the team: timeline, checks, measures and leftovers.

import * as z from 'zod';
import { escapeMarkdown as cell } from '../../core/markdown.ts';

const text = z.string();
const nullableText = text.nullable();
const seconds = z.number().nullable();
const TargetVerdict = z.enum(['met', 'missed', 'unknown']).nullable();
const measuredFields = {
  recoverySeconds: seconds,
  recovery: TargetVerdict,
  dataLossSeconds: seconds,
  dataLoss: TargetVerdict,
};

const TimelineEntry = z.strictObject({
  name: text,
  what: text,
  group: nullableText,
  state: text,
  startedAt: nullableText,
  endedAt: nullableText,
  seconds,
  output: nullableText,
  reason: nullableText,
});

/** The report of a drill, as the API returns it. */
export const DrillReport = z.strictObject({
  job: text,
  plan: z.strictObject({ id: text, version: z.int(), name: text }).nullable(),
  ticket: nullableText,
  reason: nullableText,
  askedBy: z.strictObject({ id: text, name: text, trigger: text, roles: z.array(text) }),
  state: text,
  final: z.boolean().meta({
    description: 'The job has ended. This report changes only if a person retries the remaining steps.',
  }),
  acceptedAt: text,
  startedAt: nullableText,
  endedAt: nullableText,
  targets: z.strictObject({ recoveryMinutes: z.number().optional(), dataLossMinutes: z.number().optional() }),
  whole: z.strictObject(measuredFields),
  vms: z.array(
    z.strictObject({
      vm: text,
      name: text,
      group: nullableText,
      cameUp: z.boolean(),
      recoveryPoint: nullableText,
      cleanedUp: z.boolean(),
      cleanedUpBy: nullableText.meta({
        description: 'The job that cleaned up the test: this one, or the failover that took the VM from it.',
      }),
      reason: nullableText,
      ...measuredFields,
    }),
  ),
  actions: z.array(TimelineEntry).meta({ description: 'The actions around the VMs, with the checks.' }),
  warnings: z
    .array(
      z.strictObject({ code: text, message: text, vm: z.strictObject({ id: text, name: text }).nullable() }),
    )
    .meta({ description: 'Warnings from before the drill. The drill went ahead in spite of them.' }),
  leftBehind: z
    .array(text)
    .meta({ description: 'VMs still in test at the end of the job, or now, as far as this job knows.' }),
  timeline: z.array(TimelineEntry),
});
export type DrillReport = z.infer<typeof DrillReport>;

/** The report as Markdown, for printing. */
export function drillReportMarkdown(report: DrillReport): string {
  const { plan, whole, targets } = report;
  const ticket = report.ticket ? `, ticket ${cell(report.ticket)}` : '';
  const reason = report.reason ? `: ${cell(report.reason)}` : '';
  return [
    `# Drill of ${plan ? `${cell(plan.name)}, version ${plan.version}` : `${report.vms.length} VMs`}`,
    '',
    `* Job ${report.job}: **${report.state}**${report.final ? '' : ', not over yet'}`,
    `* Asked for by ${cell(report.askedBy.name)} (${report.askedBy.id}, ` +
      `${report.askedBy.roles.join(', ')}) by ${report.askedBy.trigger}${ticket}${reason}`,
    `* From ${report.acceptedAt} to ${report.endedAt ?? 'now'}`,
    `* Recovered after ${durationText(whole.recoverySeconds)}, target ` +
      `${minutesText(targets.recoveryMinutes)}: **${whole.recovery ?? 'no target'}**`,
    `* Data loss of ${durationText(whole.dataLossSeconds)}, target ` +
      `${minutesText(targets.dataLossMinutes)}: **${whole.dataLoss ?? 'no target'}**`,
    `* Left behind: ${report.leftBehind.map(cell).join(', ') || 'nothing'}`,
    '',
    '## Virtual machines',
    '',
    ...table(
      ['VM', 'group', 'came up', 'recovery point', 'after', 'data loss', 'cleaned up', 'remarks'],
      report.vms.map((vm) => [
        vm.name,
        vm.group ?? '',
        vm.cameUp ? 'yes' : 'no',
        vm.recoveryPoint ?? '',
        durationText(vm.recoverySeconds),
        durationText(vm.dataLossSeconds),
        cleanedUpText(vm, report.job),
        vm.reason ?? '',
      ]),
    ),
    ...(report.warnings.length === 0
      ? []
      : [
          '## Warnings before it began',
          '',
          ...table(
            ['warning', 'VM', 'what it says'],
            report.warnings.map(({ code, vm, message }) => [code, vm?.name ?? '', message]),
          ),
        ]),
    ...(report.actions.length === 0
      ? []
      : [
          '## Actions and checks',
          '',
          ...table(
            ['action', 'kind', 'group', 'result', 'took', 'what it said'],
            report.actions.map((action) => [
              action.name,
              action.what,
              action.group ?? '',
              action.state,
              durationText(action.seconds),
              action.reason ?? action.output ?? '',
            ]),
          ),
        ]),
    '## In order',
    '',
    ...table(
      ['began', 'ended', 'what', 'on', 'result'],
      report.timeline.map((entry) => [
        entry.startedAt ?? '',
        entry.endedAt ?? '',
        entry.what,
        entry.name,
        entry.state,
      ]),
    ),
  ].join('\n');
}

const cleanedUpText = ({ cleanedUpBy }: DrillReport['vms'][number], jobId: string): string =>
  cleanedUpBy === null ? 'no' : cleanedUpBy === jobId ? 'yes' : `by ${cleanedUpBy}`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] => [
  row(head),
  row(head.map(() => '---')),
  ...rows.map(row),
  '',
];
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
const durationText = (value: number | null): string =>
  value === null ? 'unknown' : value < 120 ? `${Math.round(value)} s` : `${Math.round(value / 60)} min`;
const minutesText = (value: number | undefined): string => (value === undefined ? 'none' : `${value} min`);
