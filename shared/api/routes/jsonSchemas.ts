// Generates the JSON Schema of all inputs and outputs from the validating schemas. Inputs appear in
// the form that a caller may send; outputs in the form that Lifeboat sends.
import * as z from 'zod';
import { CommonAlert, GenericAlert } from '../../alerts/rules/alert.ts';
import { AlertRule } from '../../alerts/rules/rule.ts';
import { ChangePreviewRequest, Command } from '../../commands/command.ts';
import { Action } from '../../plans/rules/action.ts';
import { VmActions, Group, Plan } from '../../plans/rules/plan.ts';
import { ResourceMap } from '../../plans/rules/resourceMap.ts';
import { StepRule } from '../../plans/rules/rule.ts';
import { Schedule } from '../../schedules/rules/schedule.ts';
import { AnswerRequest } from '../../delivery/answerRequest.ts';
import { CallbackRequest } from '../../delivery/saveCallback.ts';
import { ConfirmationRequest } from '../../enabling/confirmations.ts';
import { OptionalReason, RequiredReason, SkipRequest } from '../../jobs/controlJob.ts';
import { PreviewRequest } from '../../runs/previewFromStore.ts';
import { Problem } from '../responses/common.ts';
import * as alarm from '../responses/alarm.ts';
import * as alert from '../responses/alert.ts';
import * as enabling from '../responses/enabling.ts';
import * as job from '../responses/job.ts';
import * as plan from '../responses/plan.ts';
import * as question from '../responses/question.ts';
import * as replication from '../responses/replication.ts';
import * as schedule from '../responses/schedule.ts';
import * as service from '../responses/service.ts';
import * as vault from '../responses/vault.ts';
import { EnablingPreviewRequest, NetworkRulesRequest, ReadinessRequest, ReplicatedVms } from '../queries.ts';
import { UpdateRequest } from '../../scenarios/enabling/updateRequest.ts';
import {
  EnableRequest,
  PrepareRequest,
  SiteEnableRequest,
  SitePrepareRequest,
  SiteVmSettings,
  TargetRequest,
  VmSettingsRequest,
  VmwareEnableRequest,
  VmwarePrepareRequest,
  VmwareVmSettings,
} from '../../scenarios/drivers.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;
type SchemaIo = 'input' | 'output';

/** These schemas have a name in the document; all other schemas are inline. */
const NAMED_SCHEMAS: Readonly<Record<SchemaIo, Readonly<Record<string, z.ZodType>>>> = {
  input: {
    Command,
    AlertRule,
    Schedule,
    VmSettingsRequest,
    TargetRequest,
    UpdateRequest,
    ChangePreviewRequest,
    Action,
    AroundVm: VmActions,
    Group,
    Rule: StepRule,
    EnableRequest,
    PrepareRequest,
    SiteEnableRequest,
    SitePrepareRequest,
    SiteVmSettings,
    VmwareEnableRequest,
    VmwarePrepareRequest,
    VmwareVmSettings,
    EnablingPreviewRequest,
    Plan,
    RunRequest: PreviewRequest,
    AnswerRequest,
    CallbackRequest,
    NetworkRulesRequest,
    ReplicatedVms,
    ReadinessRequest,
    ConfirmationRequest,
    OptionalReason,
    RequiredReason,
    SkipRequest,
    CommonAlert,
    GenericAlert,
  },
  output: {
    Problem,
    AcceptedCommand: Command,
    StoredPlan: Plan,
    StoredVmSettingsRequest: VmSettingsRequest,
    StoredTargetRequest: TargetRequest,
    StoredSiteVmSettings: SiteVmSettings,
    StoredVmwareVmSettings: VmwareVmSettings,
    StoredUpdateRequest: UpdateRequest,
    StoredAction: Action,
    StoredAroundVm: VmActions,
    StoredGroup: Group,
    StoredRule: StepRule,
    StoredAlertRule: AlertRule,
    ...job,
    ...question,
    ...replication,
    ...vault,
    ...enabling,
    ...plan,
    ...service,
    ...alert,
    ...alarm,
    ...schedule,
    ResourceMap,
    StoredSchedule: Schedule,
  },
};

const schemaRefOf = (name: string): string => `#/components/schemas/${name}`;
/** Removes the pattern of a time: its 200 characters only repeat the format. */
const withoutPattern = ({
  jsonSchema,
}: {
  readonly jsonSchema: { format?: string; pattern?: string };
}): void => {
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
};
const schemaOptions = (io: SchemaIo) =>
  ({
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    uri: schemaRefOf,
    override: withoutPattern,
  }) as const;
/** Removes the keywords that belong only to a standalone document. */
const withoutSchemaKeywords = (schema: JsonSchema): JsonSchema =>
  Object.fromEntries(
    Object.entries(schema).filter(([keyword]) => keyword !== '$schema' && keyword !== '$id'),
  );

function registryOf(io: SchemaIo) {
  const registry = z.registry<{ readonly id: string }>();
  for (const [id, schema] of Object.entries(NAMED_SCHEMAS[io])) registry.add(schema, { id });
  return registry;
}

/** The named schemas for `components/schemas`. */
export function componentSchemas(): Readonly<Record<string, JsonSchema>> {
  const schemas = (['input', 'output'] as const).flatMap((io) =>
    Object.entries(
      z.toJSONSchema(registryOf(io), schemaOptions(io)).schemas as Readonly<Record<string, JsonSchema>>,
    ),
  );
  return Object.fromEntries(
    schemas
      .map(([name, schema]) => [name, withoutSchemaKeywords(schema)] as const)
      .sort(([first], [second]) => (first < second ? -1 : 1)),
  );
}

/** A reference for a named schema, or else the schema inline. */
export function schemaOf(schema: z.ZodType, io: SchemaIo): JsonSchema {
  const name = Object.entries(NAMED_SCHEMAS[io]).find(([, namedSchema]) => namedSchema === schema)?.[0];
  return name === undefined
    ? withoutSchemaKeywords(z.toJSONSchema(schema, { ...schemaOptions(io), metadata: registryOf(io) }))
    : { $ref: schemaRefOf(name) };
}

/** One query parameter of a route. */
export interface QueryParameter {
  readonly name: string;
  readonly required: boolean;
  readonly schema: JsonSchema;
}

/**
 * A query value is text, but the document shows the type after parsing: a number, or a
 * comma-separated list of words.
 */
export function parametersOf(query: z.ZodObject): readonly QueryParameter[] {
  const [inputSchema, outputSchema] = [
    z.toJSONSchema(query, schemaOptions('input')),
    z.toJSONSchema(query, schemaOptions('output')),
  ];
  return Object.entries(inputSchema.properties ?? {}).map(([name, asInput]) => {
    const asOutput = (outputSchema.properties ?? {})[name];
    const schema =
      asOutput !== undefined && typeof asOutput === 'object' && Object.keys(asOutput).length > 0
        ? asOutput
        : asInput;
    return { name, required: inputSchema.required?.includes(name) ?? false, schema: schema as JsonSchema };
  });
}
