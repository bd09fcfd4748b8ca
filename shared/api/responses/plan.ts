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

const Finding = z.strictObject({
  code: text,
  severity: z.enum(['error', 'warning', 'info']),
  path: text,
  line: count.exactOptional(),
  column: count.exactOptional(),
  message: text,
}) satisfies z.ZodType<ShownFinding>;
export const Findings = z.strictObject({ findings: z.array(Finding) });

const PlanSummary = z.strictObject({
  id: text,
  name: text,
  version: count,
  savedAt: time,
  warnings: count,
  origin: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('own'), by: text }),
    z.strictObject({ kind: z.literal('native'), armId: text }),
  ]),
  links: SelfLink,
}) satisfies z.ZodType<ReturnType<typeof planSummaryView>>;
export const Plans = z.strictObject({ plans: z.array(PlanSummary) });

const PlanWarning = Warning.extend({ severity: z.enum(['error', 'warning', 'info']), path: nullableText });
const PlanWithWarnings = PlanSummary.extend({
  plan: Plan,
  warnings: z.array(PlanWarning),
}) satisfies z.ZodType<ReturnType<typeof planView>>;
export const SavedPlan = PlanWithWarnings.extend({ findings: z.array(Finding) });
const LastDrill = z
  .strictObject({ job: text, version: count, endedAt: time })
  .meta({ description: 'The newest successful drill of the whole plan.' });
/** Versions and drills exist only for the present version of the plan. */
export const PlanDetails = PlanWithWarnings.extend({
  versions: z.array(z.strictObject({ version: count, savedAt: time, by: nullableText })).optional(),
  lastDrill: LastDrill.nullable().optional(),
});

export const NativePlans = z.strictObject({
  plans: z.array(
    z.strictObject({
      ...Plan.shape,
      id: text,
      origin: z.strictObject({ kind: z.literal('native'), armId: text }),
      warnings: z.array(Warning),
    }),
  ),
});

const PreviewedRecoveryPoint = z.strictObject({
  kind: nullableText,
  id: nullableText,
  time: nullableText,
  reason: text,
  readAt: nullableText,
});
export const RunPreview = z.strictObject({
  plan: z.strictObject({ id: text, version: count, name: text }),
  operation: z.enum(PlanOperation),
  canRun: z.boolean(),
  obstacles: z.array(z.strictObject({ vm: nullableText, code: text, refuses: z.boolean(), message: text })),
  vms: z.array(
    z.strictObject({
      vm: text,
      name: text,
      group: text,
      state: z.enum(VmState).nullable(),
      recoveryPoint: PreviewedRecoveryPoint.nullable(),
      phases: z.array(
        z.strictObject({
          phase: textAs<PhaseOperation>(),
          beginsSeconds: z.number(),
          endsSeconds: z.number(),
        }),
      ),
    }),
  ),
  usualSeconds: z.number(),
  slowSeconds: z.number(),
  criticalPath: z.array(text),
  unknown: z.array(text),
  cleanUpSeconds: z
    .number()
    .nullable()
    .meta({
      description:
        'For a drill: the time from its start to the clean-up of its test VMs, with every later wait. ' +
        'Null: nothing cleans up the test VMs.',
    }),
  addedByDrillSeconds: z.number(),
  exclude: z.array(text).meta({ description: 'The VMs that the preview leaves out.' }),
  networkId: nullableText.exactOptional(),
}) satisfies z.ZodType<Awaited<ReturnType<typeof previewWithRecoveryPoints>>>;

const MeasuredValues = z.strictObject({
  fromCommandSeconds: nullableSeconds,
  fromSiteRecoverySeconds: nullableSeconds,
  dataLossSeconds: nullableSeconds,
  recovery: z.enum(TargetVerdict).nullable(),
  dataLoss: z.enum(TargetVerdict).nullable(),
});
export const PlanMeasures = z.strictObject({
  targets: PlanTargets,
  whole: MeasuredValues,
  groups: z.array(MeasuredValues.extend({ name: text })),
  criticalPath: z.array(
    z.strictObject({
      step: text,
      name: text,
      phase:
        textAs<NonNullable<ReturnType<typeof measuresView>['criticalPath'][number]['phase']>>().nullable(),
      waitedSeconds: z.number(),
      seconds: z.number(),
    }),
  ),
}) satisfies z.ZodType<ReturnType<typeof measuresView>>;
export const Measures = pageOf({
  ...PlanMeasures.shape,
  vms: z.array(MeasuredValues.extend({ vm: text, name: text, group: nullableText })),
});
