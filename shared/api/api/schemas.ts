// JSON Schema of everything that goes in and comes out, from the very schemas that check it: what
// goes in as a caller may send it, what comes out as it leaves.
import * as z from 'zod';
import { AlertRule } from '../../alerts/rules/rule.ts';
import { Command } from '../../commands/command.ts';
import { UpdateWish } from '../../enabling/rules/update/updateCase.ts';
import { EnableWish, PrepareWish, TargetWish, VmWish } from '../../enabling/rules/request/request.ts';
import { Action } from '../../plans/rules/action.ts';
import { AroundVm, Group, Plan } from '../../plans/rules/plan.ts';
import { ResourceMap } from '../../plans/rules/resourceMap.ts';
import { Rule } from '../../plans/rules/rule.ts';
import { Schedule } from '../../schedules/rules/schedule.ts';
import { AnswerWish, ApprovalWish } from '../../jobs/answers.ts';
import { CallbackWish } from '../../delivery/saveCallback.ts';
import { RunWish } from '../../runs/preview.ts';
import { Problem } from '../answers/common.ts';
import * as alert from '../answers/alert.ts';
import * as enabling from '../answers/enabling.ts';
import * as job from '../answers/job.ts';
import * as plan from '../answers/plan.ts';
import * as replication from '../answers/replication.ts';
import * as schedule from '../answers/schedule.ts';
import * as service from '../answers/service.ts';
import * as vault from '../answers/vault.ts';
import { NetworkRulesWish, ReadinessRequest, ReplicatedVms } from '../queries.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;
type Io = 'input' | 'output';

/** Those that have a name in the document; all others stand where they are used. */
const NAMED: Readonly<Record<Io, Readonly<Record<string, z.ZodType>>>> = {
  input: {
    Command,
    AlertRule,
    Schedule,
    VmWish,
    TargetWish,
    UpdateWish,
    Action,
    AroundVm,
    Group,
    Rule,
    EnableWish,
    PrepareWish,
    Plan,
    RunWish,
    AnswerWish,
    ApprovalWish,
    CallbackWish,
    NetworkRulesWish,
    ReplicatedVms,
    ReadinessRequest,
  },
  output: {
    Problem,
    AcceptedCommand: Command,
    KeptPlan: Plan,
    KeptVmWish: VmWish,
    KeptTargetWish: TargetWish,
    KeptUpdateWish: UpdateWish,
    KeptAction: Action,
    KeptAroundVm: AroundVm,
    KeptGroup: Group,
    KeptRule: Rule,
    KeptAlertRule: AlertRule,
    ...job,
    ...replication,
    ...vault,
    ...enabling,
    ...plan,
    ...service,
    ...alert,
    ...schedule,
    ResourceMap,
    KeptSchedule: Schedule,
  },
};

const addressOf = (name: string): string => `#/components/schemas/${name}`;
/** A time's pattern says in 200 characters what its format says. */
const withoutPattern = ({
  jsonSchema,
}: {
  readonly jsonSchema: { format?: string; pattern?: string };
}): void => {
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
};
const options = (io: Io) =>
  ({
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    uri: addressOf,
    override: withoutPattern,
  }) as const;
/** Of a document of its own, which these are not. */
const bare = (schema: JsonSchema): JsonSchema =>
  Object.fromEntries(
    Object.entries(schema).filter(([keyword]) => keyword !== '$schema' && keyword !== '$id'),
  );

function registryOf(io: Io) {
  const registry = z.registry<{ readonly id: string }>();
  for (const [id, schema] of Object.entries(NAMED[io])) registry.add(schema, { id });
  return registry;
}

export function components(): Readonly<Record<string, JsonSchema>> {
  const made = (['input', 'output'] as const).flatMap((io) =>
    Object.entries(
      z.toJSONSchema(registryOf(io), options(io)).schemas as Readonly<Record<string, JsonSchema>>,
    ),
  );
  return Object.fromEntries(
    made.map(([name, schema]) => [name, bare(schema)] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** By its name, or as it stands. */
export function schemaOf(schema: z.ZodType, io: Io): JsonSchema {
  const named = Object.entries(NAMED[io]).find(([, one]) => one === schema)?.[0];
  return named === undefined
    ? bare(z.toJSONSchema(schema, { ...options(io), metadata: registryOf(io) }))
    : { $ref: addressOf(named) };
}

export interface QueryParameter {
  readonly name: string;
  readonly required: boolean;
  readonly schema: JsonSchema;
}

/**
 * A query is text, and means what comes out of its schema: a number, or several words with commas
 * between them.
 */
export function parametersOf(query: z.ZodObject): readonly QueryParameter[] {
  const [sent, meant] = [z.toJSONSchema(query, options('input')), z.toJSONSchema(query, options('output'))];
  return Object.entries(sent.properties ?? {}).map(([name, asSent]) => {
    const means = (meant.properties ?? {})[name];
    const schema =
      means !== undefined && typeof means === 'object' && Object.keys(means).length > 0 ? means : asSent;
    return { name, required: sent.required?.includes(name) ?? false, schema: schema as JsonSchema };
  });
}
