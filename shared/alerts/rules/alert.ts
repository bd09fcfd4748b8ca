// The common form of an alert for the rules. Alerts come from Azure Monitor in its common schema,
// or from other senders in the schema of Lifeboat.
import * as z from 'zod';

/** The schema of the original message. */
export const AlertSource = { azureMonitor: 'azureMonitor', generic: 'generic' } as const;
/** The schema of the original message. */
export type AlertSource = (typeof AlertSource)[keyof typeof AlertSource];

/** One alert in the form that the rules compare. */
export interface Alert {
  readonly source: AlertSource;
  /** The sender's own id. A repeat has the same id. */
  readonly id: string;
  /** The name of the sender's own alert rule. */
  readonly name: string;
  /** 0 (worst) to 4. */
  readonly severity: number;
  readonly signal: string;
  readonly description: string;
  /** ARM ids or the sender's own names, in lower case. */
  readonly resources: readonly string[];
  /** Short names, such as eastasia. */
  readonly regions: readonly string[];
  /** Names and values are in lower case. */
  readonly dimensions: Readonly<Record<string, readonly string[]>>;
  readonly firedAt: string;
  /** Null: as far as this message says, the alert is not over. */
  readonly resolvedAt: string | null;
}

const Text = z.string().trim().min(1).max(1000);
const MAX_ID_CHARS = 1000;
const Id = z.string().trim().min(1).max(MAX_ID_CHARS);
/** Azure Monitor writes seven digits after the second; Lifeboat keeps three. */
const Time = z
  .string()
  .max(40)
  .refine(
    (text) => /^\d{4}-\d\d-\d\dT/.test(text) && Number.isFinite(Date.parse(text)),
    'must be a date and time such as 2026-01-05T08:00:00Z',
  )
  .transform((text) => new Date(text).toISOString());
const Resources = z.array(Id).max(1000);

const toLowerText = (text: string): string => text.trim().toLowerCase();
const sortUnique = (list: readonly string[]): string[] => [...new Set(list)].sort();

/** Normalises a region as ARM does: "East US 2" becomes eastus2. */
export const normalizeRegion = (text: string): string => toLowerText(text).replaceAll(/[\s_-]/g, '');

/** `Sev1`, or 1. */
const Severity = z.union(
  [
    z
      .string()
      .regex(/^sev[0-4]$/i, 'must be Sev0 to Sev4')
      .transform((text) => Number(text.slice(-1))),
    z.int().min(0).max(4),
  ],
  'must be Sev0 to Sev4',
);

/** Request body of an alert in the schema of Lifeboat. */
export const GenericAlert = z
  .strictObject({
    id: Id.describe('The id of the alert at its sender.'),
    condition: z
      .enum(['fired', 'resolved'], 'must be fired or resolved')
      .describe('fired: it began. resolved: it is over.'),
    name: Text.describe('The name of the alert.'),
    severity: Severity.describe('The severity: Sev0 (critical) to Sev4, or 0 to 4.'),
    signal: Text.default('generic').describe('The signal type. Default: generic.'),
    description: z.string().trim().max(4000).default('').describe('A text for people. Default: empty.'),
    resources: Resources.default([]).describe('ARM ids of the resources. Default: none.'),
    regions: z.array(Text).max(100).default([]).describe('Names of regions. Default: none.'),
    dimensions: z.record(Text, Text).default({}).describe('Values by name. Default: none.'),
    firedAt: Time.describe('The begin.'),
    resolvedAt: Time.optional().describe('The end. Required for a resolved alert, and for no other.'),
  })
  .refine(({ condition, resolvedAt }) => (condition === 'resolved') === (resolvedAt !== undefined), {
    path: ['resolvedAt'],
    message: 'belongs to a resolved alert, and to no other',
  });

/** Converts an alert from the schema of Lifeboat. */
export const alertFromGeneric = ({
  id,
  name,
  severity,
  signal,
  description,
  resources,
  regions,
  dimensions,
  firedAt,
  resolvedAt,
}: z.infer<typeof GenericAlert>): Alert => ({
  source: AlertSource.generic,
  id,
  name,
  severity,
  signal,
  description,
  firedAt,
  resolvedAt: resolvedAt ?? null,
  resources: sortUnique(resources.map(toLowerText)),
  regions: sortUnique(regions.map(normalizeRegion)),
  dimensions: groupValues(Object.entries(dimensions)),
});

const Dimension = z.looseObject({
  name: z.string().describe('The name of the dimension.'),
  value: z.string().nullish().describe('Its value.'),
});
const AlertContext = z
  .looseObject({
    properties: z
      .record(z.string(), z.unknown())
      .nullish()
      .catch(null)
      .describe('For Service Health: its properties, with the region. Default: none.'),
    condition: z
      .looseObject({
        allOf: z
          .array(
            z.looseObject({
              dimensions: z.array(Dimension).nullish().describe('The dimensions of the condition.'),
            }),
          )
          .nullish()
          .describe('The conditions that held.'),
      })
      .nullish()
      .catch(null)
      .describe('The condition of a metric or log alert. Default: none.'),
  })
  .nullish()
  .catch(null);

/**
 * https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema. The alert context
 * differs by signal, so Lifeboat reads only the known fields of it.
 */
export const CommonAlert = z.looseObject({
  schemaId: z
    .literal(
      'azureMonitorCommonAlertSchema',
      'must be azureMonitorCommonAlertSchema: turn the common alert schema on in the action group',
    )
    .describe('The name of the common alert schema.'),
  data: z
    .looseObject({
      essentials: z
        .looseObject({
          alertId: Id.describe('The id of the alert.'),
          alertRule: Text.describe('The name of the rule in Azure Monitor.'),
          severity: Severity.describe('The severity, Sev0 to Sev4.'),
          signalType: Text.describe('The signal type, such as Metric.'),
          monitorCondition: z
            .enum(['Fired', 'Resolved'], 'must be Fired or Resolved')
            .describe('Whether the alert began or ended.'),
          monitoringService: Text.nullish().describe('The service behind the alert.'),
          alertTargetIDs: Resources.nullish().describe('ARM ids of the resources.'),
          firedDateTime: Time.describe('The begin.'),
          resolvedDateTime: Time.nullish().describe('The end.'),
          description: z.string().max(20_000).nullish().describe('The text of the rule.'),
        })
        .describe('The part that all alerts share.'),
      alertContext: AlertContext.describe('The part that differs by signal type. Default: none.'),
      customProperties: z
        .record(z.string(), z.unknown())
        .nullish()
        .describe('The custom properties of the rule.'),
    })
    .describe('The alert.'),
});

/**
 * Names of the region fields. Their places are the custom properties, the dimensions and, for
 * Service Health, the context properties.
 */
const REGION_NAMES = ['region', 'regions', 'location'];

/** Converts an alert from the common schema of Azure Monitor. */
export function alertFromAzureMonitor({
  data: { essentials, alertContext, customProperties },
}: z.infer<typeof CommonAlert>): Alert {
  const properties = Object.entries(alertContext?.properties ?? {}).filter(([name]) =>
    REGION_NAMES.includes(toLowerText(name)),
  );
  const conditionDimensions = (alertContext?.condition?.allOf ?? []).flatMap((criterion) =>
    (criterion.dimensions ?? []).map(({ name, value }): [string, unknown] => [name, value]),
  );
  const dimensions = groupValues([
    ...properties,
    ...conditionDimensions,
    ...Object.entries(customProperties ?? {}),
  ]);
  const isResolved = essentials.monitorCondition === 'Resolved';
  return {
    source: AlertSource.azureMonitor,
    id: essentials.alertId,
    name: essentials.alertRule,
    severity: essentials.severity,
    signal: essentials.signalType,
    description: (essentials.description ?? '').slice(0, 4000),
    resources: sortUnique((essentials.alertTargetIDs ?? []).map(toLowerText)),
    regions: sortUnique(
      REGION_NAMES.flatMap((name) => dimensions[name] ?? [])
        .flatMap((text) => text.split(/[,;]/))
        .map(normalizeRegion)
        .filter((text) => text !== ''),
    ),
    dimensions,
    firedAt: essentials.firedDateTime,
    resolvedAt: isResolved ? (essentials.resolvedDateTime ?? essentials.firedDateTime) : null,
  };
}

const MAX_VALUES = 500;

/** Collects all values of each name. Skips values that are not text. */
function groupValues(pairs: readonly (readonly [string, unknown])[]): Record<string, string[]> {
  const valuesByName = new Map<string, Set<string>>();
  for (const [name, value] of pairs.slice(0, MAX_VALUES)) {
    if (typeof value !== 'string' || toLowerText(value) === '') continue;
    valuesByName.set(
      toLowerText(name),
      (valuesByName.get(toLowerText(name)) ?? new Set()).add(toLowerText(value).slice(0, MAX_ID_CHARS)),
    );
  }
  return Object.fromEntries([...valuesByName].map(([name, values]) => [name, sortUnique([...values])]));
}
