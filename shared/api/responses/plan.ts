// Response schemas of recovery plans: saved plans, findings, previews and measures.
import * as z from 'zod';
import { VmState } from '../../scenarios/lifecycle.ts';
import { PlanOperation } from '../../plans/rules/graph.ts';
import type { ShownFinding } from '../../plans/rules/lint.ts';
import { TargetVerdict } from '../../plans/rules/measures.ts';
import { Plan, PlanTargets } from '../../plans/rules/plan.ts';
import type { PhaseOperation } from '../../core/operations.ts';
import type { previewWithRecoveryPoints } from '../../runs/previewFromStore.ts';
import type { measuresView } from '../measureViews.ts';
import type { planSummaryView, planView } from '../views.ts';
import {
  count,
  nullableSeconds,
  nullableText,
  pageOf,
  SelfLink,
  text,
  time,
  textAs,
  Warning,
} from './common.ts';

const severity = z
  .enum(['error', 'warning', 'info'])
  .describe('An error refuses the plan; the others do not.');
const Finding = z.strictObject({
  code: text.describe('The problem code; GET /api/problems/{code} explains it.'),
  severity,
  path: text.describe('The place in the plan, such as runs.failover[0].vms[2].'),
  line: count.exactOptional().describe('The line in the sent text, if the text came as JSON.'),
  column: count.exactOptional().describe('The column in that line.'),
  message: text.describe('The mistake, and how to mend it.'),
}) satisfies z.ZodType<ShownFinding>;
const findings = z.array(Finding).describe('The findings of the linter.');
export const Findings = z.strictObject({ findings });

const armIdOfPlan = text.describe('The ARM id of the native plan.');
const versionOfPlan = count.describe('The version of the plan. Each save raises it.');
const PlanSummary = z.strictObject({
  id: text.describe('The id of the plan.'),
  name: text.describe('The name of the plan.'),
  version: versionOfPlan,
  savedAt: time.describe('The time of the last save.'),
  warnings: count.describe('The number of warnings of the last save.'),
  origin: z
    .discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('own').describe('A person wrote the plan.'),
        by: text.describe('The name of the person behind the last save.'),
      }),
      z.strictObject({
        kind: z.literal('native').describe('The plan was imported from Site Recovery.'),
        armId: armIdOfPlan,
      }),
    ])
    .describe('Where the plan comes from.'),
  links: SelfLink.describe('Paths of related objects.'),
}) satisfies z.ZodType<ReturnType<typeof planSummaryView>>;
export const Plans = z.strictObject({ plans: z.array(PlanSummary).describe('All plans.') });

const PlanWarning = Warning.extend({
  severity,
  path: nullableText.describe('The place in the plan; null: the whole plan.'),
});
const PlanWithWarnings = PlanSummary.extend({
  plan: Plan.describe('The plan, with its defaults.'),
  warnings: z.array(PlanWarning).describe('The warnings of the save.'),
}) satisfies z.ZodType<ReturnType<typeof planView>>;
export const SavedPlan = PlanWithWarnings.extend({ findings });
const LastDrill = z.strictObject({
  job: text.describe('The id of the job.'),
  version: count.describe('The version of the plan in that drill.'),
  endedAt: time.describe('The end of the drill.'),
});
const PlanVersion = z.strictObject({
  version: count.describe('The number of the version.'),
  savedAt: time.describe('The time of the save.'),
  by: nullableText.describe('The name of the person; null: imported from Site Recovery.'),
});
export const PlanDetails = PlanWithWarnings.extend({
  versions: z
    .array(PlanVersion)
    .optional()
    .describe('The versions, newest first. Only in the answer about the present version.'),
  lastDrill: LastDrill.nullable()
    .optional()
    .describe(
      'The newest successful drill of the whole plan; null: none. Only in the answer about the present version.',
    ),
});

export const NativePlans = z.strictObject({
  plans: z
    .array(
      z.strictObject({
        ...Plan.shape,
        id: text.describe('The id that an import gives to the plan.'),
        origin: z
          .strictObject({
            kind: z.literal('native').describe('A plan of Site Recovery.'),
            armId: armIdOfPlan,
          })
          .describe('Where the plan comes from.'),
        warnings: z.array(Warning).describe('What an import cannot take over.'),
      }),
    )
    .describe('The native plans of the vault, in the form of a plan of Lifeboat.'),
});

const PreviewedRecoveryPoint = z.strictObject({
  kind: nullableText.describe(
    'The kind of point that the run would choose; null: a point by its id, or none.',
  ),
  id: nullableText.describe('The ARM id of the point, when it is known.'),
  time: nullableText.describe('The time of the point, when it is known.'),
  reason: text.describe('Why the run would choose it.'),
  readAt: nullableText.describe('The time at which Site Recovery was asked; null: it was not asked.'),
});
const Obstacle = z.strictObject({
  vm: nullableText.describe('The id of the VM; null: the whole plan.'),
  code: text.describe('The problem code; GET /api/problems/{code} explains it.'),
  refuses: z.boolean().describe('True: Lifeboat refuses the run. False: the run starts.'),
  message: text.describe('The obstacle, its effect and what to do.'),
});
const PreviewedVm = z.strictObject({
  vm: text.describe('The id of the VM.'),
  name: text.describe('The name of the VM.'),
  group: text.describe('The group of the VM in the plan.'),
  state: z
    .enum(VmState)
    .nullable()
    .describe('The present state of the VM; null: Lifeboat does not know the VM.'),
  recoveryPoint: PreviewedRecoveryPoint.nullable().describe(
    'The recovery point that the VM would get now; null: the operation uses none.',
  ),
  phases: z
    .array(
      z.strictObject({
        phase: textAs<PhaseOperation>().describe('The phase.'),
        beginsSeconds: z
          .number()
          .describe('Usual seconds from the start of the run to the begin of the phase.'),
        endsSeconds: z.number().describe('Usual seconds from the start of the run to the end of the phase.'),
      }),
    )
    .describe('The phases of the VM, in order. An action of unknown duration counts as zero.'),
});
export const RunPreview = z.strictObject({
  plan: z
    .strictObject({
      id: text.describe('The id of the plan.'),
      version: count.describe('The version that the preview read.'),
      name: text.describe('The name of the plan.'),
    })
    .describe('The plan of the preview.'),
  operation: z.enum(PlanOperation).describe('The operation of the preview.'),
  canRun: z.boolean().describe('False: Lifeboat would refuse the command now.'),
  obstacles: z.array(Obstacle).describe('The problems that a run would meet now.'),
  vms: z.array(PreviewedVm).describe('The VMs of the run.'),
  usualSeconds: z.number().describe('The usual duration of the run, in seconds.'),
  slowSeconds: z.number().describe('The duration on a slow day, in seconds: nine of ten runs were faster.'),
  criticalPath: z.array(text).describe('The steps that decide the duration, in order.'),
  unknown: z.array(text).describe('Steps of unknown duration. They count as zero.'),
  cleanUpSeconds: z
    .number()
    .nullable()
    .meta({
      description:
        'For a drill: the seconds from its start to the clean-up of its test VMs, with every later wait. ' +
        'Null: nothing cleans up the test VMs.',
    }),
  addedByDrillSeconds: z.number().describe('Extra seconds for the clean-up of a running drill.'),
  exclude: z.array(text).meta({ description: 'The VMs that the preview leaves out.' }),
  networkId: nullableText
    .exactOptional()
    .describe('For a drill: the network of the test VMs; null: they have no network.'),
}) satisfies z.ZodType<Awaited<ReturnType<typeof previewWithRecoveryPoints>>>;

const MeasuredValues = z.strictObject({
  fromCommandSeconds: nullableSeconds.describe(
    'Seconds from the command to the last VM that is up; null: not recovered, or not yet.',
  ),
  fromSiteRecoverySeconds: nullableSeconds.describe(
    'The same seconds, counted from the first start of a job in Site Recovery; null: not recovered, or not yet.',
  ),
  dataLossSeconds: nullableSeconds.describe(
    'Seconds from the recovery point to the start in Site Recovery, the largest value of all VMs; null: unknown.',
  ),
  recovery: z
    .enum(TargetVerdict)
    .nullable()
    .describe('The recovery time against its target; null: no target.'),
  dataLoss: z.enum(TargetVerdict).nullable().describe('The data loss against its target; null: no target.'),
});
const CriticalStep = z.strictObject({
  step: text.describe('The id of the step.'),
  name: text.describe('The name of the target.'),
  phase: textAs<NonNullable<ReturnType<typeof measuresView>['criticalPath'][number]['phase']>>()
    .nullable()
    .describe('The phase of the step; null: an action or a wait.'),
  waitedSeconds: z.number().describe('Seconds between the end of the step before and the begin of this one.'),
  seconds: z.number().describe('The duration of the step, in seconds.'),
});
export const PlanMeasures = z.strictObject({
  targets: PlanTargets.describe('The targets of the plan in this version.'),
  whole: MeasuredValues.describe('The measures of the whole plan.'),
  groups: z
    .array(MeasuredValues.extend({ name: text.describe('The name of the group.') }))
    .describe('The measures of each group.'),
  criticalPath: z.array(CriticalStep).describe('The chain of steps that decided the end of the run.'),
}) satisfies z.ZodType<ReturnType<typeof measuresView>>;
export const Measures = pageOf({
  ...PlanMeasures.shape,
  vms: z
    .array(
      MeasuredValues.extend({
        vm: text.describe('The id of the VM.'),
        name: text.describe('The name of the VM.'),
        group: nullableText.describe('The group of the VM in the plan; null: none.'),
      }),
    )
    .describe('The measures of each VM.'),
});
