// Recovery plans: saved, judged, and what a run would do or has taken.
import * as z from 'zod';
import { VmState } from '../../scenarios/lifecycle.ts';
import { PlanOperation } from '../../plans/rules/graph.ts';
import type { Shown } from '../../plans/rules/lint.ts';
import { Verdict } from '../../plans/rules/measures.ts';
import { Plan, Targets } from '../../plans/rules/plan.ts';
import type { PhaseOperation } from '../../core/words.ts';
import type { previewPlan } from '../../runs/preview.ts';
import type { measuresView } from '../measureViews.ts';
import type { planSummary, planView } from '../views.ts';
import { count, maybeSeconds, maybeText, pageOf, Self, text, time, words, Warning } from './common.ts';

const Finding = z.strictObject({
  code: text,
  severity: z.enum(['error', 'warning', 'info']),
  path: text,
  line: count.exactOptional(),
  column: count.exactOptional(),
  message: text,
}) satisfies z.ZodType<Shown>;
export const Findings = z.strictObject({ findings: z.array(Finding) });

const Summary = z.strictObject({
  id: text,
  name: text,
  version: count,
  savedAt: time,
  warnings: count,
  origin: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('own'), by: text }),
    z.strictObject({ kind: z.literal('native'), armId: text }),
  ]),
  links: Self,
}) satisfies z.ZodType<ReturnType<typeof planSummary>>;
export const Plans = z.strictObject({ plans: z.array(Summary) });

const PlanWarning = Warning.extend({ severity: z.enum(['error', 'warning', 'info']), path: maybeText });
const Kept = Summary.extend({ plan: Plan, warnings: z.array(PlanWarning) }) satisfies z.ZodType<
  ReturnType<typeof planView>
>;
export const SavedPlan = Kept.extend({ findings: z.array(Finding) });
const Drilled = z
  .strictObject({ job: text, version: count, endedAt: time })
  .meta({ description: 'The newest drill of the whole plan that went well.' });
/** Versions and drills are told of the plan as it is now, not of an older version. */
export const PlanInFull = Kept.extend({
  versions: z.array(z.strictObject({ version: count, savedAt: time, by: maybeText })).optional(),
  lastDrill: Drilled.nullable().optional(),
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

const Point = z.strictObject({
  kind: maybeText,
  id: maybeText,
  time: maybeText,
  reason: text,
  readAt: maybeText,
});
export const RunPreview = z.strictObject({
  plan: z.strictObject({ id: text, version: count, name: text }),
  operation: z.enum(PlanOperation),
  canRun: z.boolean(),
  obstacles: z.array(z.strictObject({ vm: maybeText, code: text, refuses: z.boolean(), message: text })),
  vms: z.array(
    z.strictObject({
      vm: text,
      name: text,
      group: text,
      state: z.enum(VmState).nullable(),
      recoveryPoint: Point.nullable(),
      phases: z.array(
        z.strictObject({
          phase: words<PhaseOperation>(),
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
        'Of a drill: from its begin until its test VMs are cleaned up, whatever waits then. ' +
        'Null: nothing cleans them up.',
    }),
  addedByDrillSeconds: z.number(),
  networkId: maybeText.exactOptional(),
}) satisfies z.ZodType<Awaited<ReturnType<typeof previewPlan>>>;

const Measured = z.strictObject({
  fromCommandSeconds: maybeSeconds,
  fromSiteRecoverySeconds: maybeSeconds,
  dataLossSeconds: maybeSeconds,
  recovery: z.enum(Verdict).nullable(),
  dataLoss: z.enum(Verdict).nullable(),
});
export const MeasuresOfWhole = z.strictObject({
  targets: Targets,
  whole: Measured,
  groups: z.array(Measured.extend({ name: text })),
  criticalPath: z.array(
    z.strictObject({
      step: text,
      name: text,
      phase:
        words<NonNullable<ReturnType<typeof measuresView>['criticalPath'][number]['phase']>>().nullable(),
      waitedSeconds: z.number(),
      seconds: z.number(),
    }),
  ),
}) satisfies z.ZodType<ReturnType<typeof measuresView>>;
export const Measures = pageOf({
  ...MeasuresOfWhole.shape,
  vms: z.array(Measured.extend({ vm: text, name: text, group: maybeText })),
});
