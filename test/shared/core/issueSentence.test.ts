// Wrong input is described in plain words, and never in the words of the validator.
import * as fc from 'fast-check';
import * as z from 'zod';
import { commandSchemaFor, Command } from '../../../shared/commands/command.ts';
import { LifeboatError } from '../../../shared/core/errors.ts';
import { issueSentence } from '../../../shared/core/issueSentence.ts';
import { parseInput } from '../../../shared/core/parse.ts';
import { Plan } from '../../../shared/plans/rules/plan.ts';
import { Schedule } from '../../../shared/schedules/rules/schedule.ts';
import { AlertRule } from '../../../shared/alerts/rules/rule.ts';
import { CallbackRequest } from '../../../shared/delivery/saveCallback.ts';
import { ConfirmationRequest } from '../../../shared/enabling/confirmations.ts';
import { GenericAlert } from '../../../shared/alerts/rules/alert.ts';
import { EnablingPreviewRequest, JobsQuery, ReadinessRequest } from '../../../shared/api/queries.ts';

const RAW_TEXTS =
  /Invalid (input|option|string|key|value)|\bexpected\b|Too (big|small)|received|Unrecognized/;

const messagesOf = (schema: z.ZodType, value: unknown): readonly string[] => {
  const { error } = schema.safeParse(value, { error: issueSentence });
  return (error?.issues ?? []).map(({ path, message }) => [...path.map(String), message].join(': '));
};
const refusalOf = (value: unknown): string => {
  try {
    parseInput(commandSchemaFor(value), value, 'The command');
  } catch (error) {
    if (error instanceof LifeboatError) return error.message;
  }
  throw new Error('The command was not refused.');
};

test.each([
  [z.string(), undefined, 'is missing'],
  [z.string(), 5, 'must be a text, and is a number'],
  [z.int(), 1.5, 'must be a whole number, and is 1.5'],
  [z.array(z.string()), {}, 'must be a list, and is an object'],
  [z.boolean(), 'yes', 'must be true or false, and is a text'],
  [z.number(), null, 'must be a number, and is null'],
  [z.number().max(72), 73, 'must be 72 at most'],
  [z.number().min(5), 1, 'must be 5 at least'],
  [z.number().positive(), 0, 'must be greater than 0'],
  [z.string().min(1), '', 'must not be empty'],
  [z.string().max(3), 'long', 'must have 3 characters at most'],
  [z.array(z.int()).max(1), [1, 2], 'must have 1 entry at most'],
  [z.array(z.int()).length(2), [1], 'must have exactly 2 entries'],
  [
    z.enum(['latest', 'oldest']),
    'laTest',
    'is not one of the possible values (did you mean "latest"?). Possible are "latest", "oldest"',
  ],
  [z.enum(['latest', 'oldest']), undefined, 'is missing. Possible are "latest", "oldest"'],
  [z.literal('a'), 'b', 'must be "a"'],
  [
    z.strictObject({ vms: z.string().optional() }),
    { vm: 1 },
    'has an unknown field: "vm" (did you mean "vms"?)',
  ],
  [z.strictObject({}), { a: 1, b: 2 }, 'has unknown fields: "a", "b"'],
  [z.iso.datetime(), 'today', 'must be a time such as 2026-01-31T12:00:00Z'],
  [z.string().regex(/^a$/), 'b', 'must match /^a$/'],
  [z.string().startsWith('x'), 'b', 'must start with "x"'],
  [z.union([z.string(), z.int()]), {}, 'must be a text, or a number'],
  [
    z.union([z.string(), z.strictObject({ id: z.string() })]),
    { id: 1 },
    'id: must be a text, and is a number',
  ],
  [z.int().multipleOf(5), 7, 'must be a multiple of 5'],
  [z.record(z.string().max(1), z.int()), { ab: 1 }, 'ab: has a wrong name: must have 1 character at most'],
] as const)('a wrong value has a plain sentence (%#) [TRG-1]', (schema, value, sentence) => {
  expect(messagesOf(schema, value)).toEqual([sentence]);
});

test('a command with a wrong operation, without targets or with two names what is possible [TRG-1]', () => {
  expect(refusalOf({ operation: 'failOver', vms: [] })).toContain(
    'is not one of the possible values (did you mean "failover"?). Possible are "',
  );
  expect(refusalOf({ operation: 'failover' })).toContain(
    'vms: is missing. Name the VMs in "vms", or a plan in "plan". Nothing was started.',
  );
  expect(refusalOf({ operation: 'disableReplication' })).toContain(
    'vms: is missing. Name the VMs in "vms". ',
  );
  expect(refusalOf({ operation: 'failover', plan: 'shop', vms: [] })).toContain(
    'names both "plan" and "vms". Name one of them; "exclude" leaves VMs of the plan out. Nothing was started.',
  );
});

const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  Command,
  Plan,
  Schedule,
  AlertRule,
  CallbackRequest,
  EnablingPreviewRequest,
  ReadinessRequest,
  ConfirmationRequest,
  GenericAlert,
  JobsQuery,
};

type JsonSchema = Readonly<{
  properties?: Readonly<Record<string, JsonSchema>>;
  items?: JsonSchema;
  anyOf?: readonly JsonSchema[];
  oneOf?: readonly JsonSchema[];
  enum?: readonly unknown[];
  const?: unknown;
  type?: string;
}>;

/** Values of the right shape with wrong parts, so that faults stand at every depth. */
function nearly(schema: JsonSchema, depth = 0): fc.Arbitrary<unknown> {
  const wrong = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom<unknown>(undefined, null, '', 0, -1, 1.5, 1e9, true, [], {}, NaN),
    },
    { weight: 1, arbitrary: fc.anything({ maxDepth: 1 }) },
  );
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches?.[0] && depth < 6)
    return fc.oneof(wrong, ...branches.map((branch) => nearly(branch, depth + 1)));
  if (schema.enum) return fc.oneof(fc.constantFrom(...schema.enum), wrong);
  if (schema.const !== undefined)
    return fc.oneof({ weight: 9, arbitrary: fc.constant(schema.const) }, { weight: 1, arbitrary: wrong });
  if (schema.properties && depth < 6) {
    const fields = Object.fromEntries(
      Object.entries(schema.properties).map(([name, property]) => [name, nearly(property, depth + 1)]),
    );
    return fc.oneof(
      { weight: 8, arbitrary: fc.record({ ...fields, unknown: fc.constantFrom(1) }, { requiredKeys: [] }) },
      { weight: 1, arbitrary: wrong },
    );
  }
  if (schema.items && depth < 6)
    return fc.oneof(fc.array(nearly(schema.items, depth + 1), { maxLength: 3 }), wrong);
  return fc.oneof(fc.string(), fc.integer(), wrong);
}

test.each(Object.entries(SCHEMAS))('no raw text of the validator leaves %s [TRG-1]', (_, schema) => {
  const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  fc.assert(
    fc.property(nearly(shape), (value) => {
      const raw = messagesOf(schema, value).filter((message) => RAW_TEXTS.test(message));
      expect(raw).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
