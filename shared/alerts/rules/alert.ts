// An alert as rules see it, whoever has sent it: Azure Monitor in its common schema, or anybody
// else in Lifeboat's own.
import * as z from 'zod';

export const AlertSource = { azureMonitor: 'azureMonitor', generic: 'generic' } as const;
export type AlertSource = (typeof AlertSource)[keyof typeof AlertSource];

export interface Alert {
  readonly source: AlertSource;
  /** The sender's own id: a repeat has the same one. */
  readonly id: string;
  /** The rule of the sender's that it comes from. */
  readonly name: string;
  /** 0, the worst, to 4. */
  readonly severity: number;
  readonly signal: string;
  readonly description: string;
  /** ARM ids, or whatever the sender names its things by; in lower case. */
  readonly resources: readonly string[];
  /** Short names, such as eastasia. */
  readonly regions: readonly string[];
  /** Names and values in lower case. */
  readonly dimensions: Readonly<Record<string, readonly string[]>>;
  readonly firedAt: string;
  /** Null: it is not over, as far as this message says. */
  readonly resolvedAt: string | null;
}

const Text = z.string().trim().min(1).max(1000);
const MAX_ID_CHARS = 1000;
const Id = z.string().trim().min(1).max(MAX_ID_CHARS);
/** Azure Monitor writes seven digits behind the second; kept are three. */
const Time = z
  .string()
  .max(40)
  .refine(
    (text) => /^\d{4}-\d\d-\d\dT/.test(text) && Number.isFinite(Date.parse(text)),
    'must be a moment such as 2026-01-05T08:00:00Z',
  )
  .transform((text) => new Date(text).toISOString());
const Resources = z.array(Id).max(1000);

const toLowerText = (text: string): string => text.trim().toLowerCase();
const sortUnique = (list: readonly string[]): string[] => [...new Set(list)].sort();

/** As ARM writes it: "East US 2" is eastus2. */
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

export const GenericAlert = z
  .strictObject({
    id: Id,
    condition: z.enum(['fired', 'resolved'], 'must be fired or resolved'),
    name: Text,
    severity: Severity,
    signal: Text.default('generic'),
    description: z.string().trim().max(4000).default(''),
    resources: Resources.default([]),
    regions: z.array(Text).max(100).default([]),
    dimensions: z.record(Text, Text).default({}),
    firedAt: Time,
    resolvedAt: Time.optional(),
  })
  .refine(({ condition, resolvedAt }) => (condition === 'resolved') === (resolvedAt !== undefined), {
    path: ['resolvedAt'],
    message: 'belongs to a resolved alert, and to no other',
  });

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

const Dimension = z.looseObject({ name: z.string(), value: z.string().nullish() });
const AlertContext = z
  .looseObject({
    properties: z.record(z.string(), z.unknown()).nullish().catch(null),
    condition: z
      .looseObject({ allOf: z.array(z.looseObject({ dimensions: z.array(Dimension).nullish() })).nullish() })
      .nullish()
      .catch(null),
  })
  .nullish()
  .catch(null);

/**
 * https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema. Its context differs
 * by signal, so that only what is known of it is read.
 */
export const CommonAlert = z.looseObject({
  schemaId: z.literal(
    'azureMonitorCommonAlertSchema',
    'must be azureMonitorCommonAlertSchema: turn the common alert schema on in the action group',
  ),
  data: z.looseObject({
    essentials: z.looseObject({
      alertId: Id,
      alertRule: Text,
      severity: Severity,
      signalType: Text,
      monitorCondition: z.enum(['Fired', 'Resolved'], 'must be Fired or Resolved'),
      monitoringService: Text.nullish(),
      alertTargetIDs: Resources.nullish(),
      firedDateTime: Time,
      resolvedDateTime: Time.nullish(),
      description: z.string().max(20_000).nullish(),
    }),
    alertContext: AlertContext,
    customProperties: z.record(z.string(), z.unknown()).nullish(),
  }),
});

/**
 * Where an alert says which region it is about: its custom properties, its dimensions, or, of
 * Service Health, the properties of its context.
 */
const REGION_NAMES = ['region', 'regions', 'location'];

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

/** What has several values has them all; what is no text is left out. */
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
