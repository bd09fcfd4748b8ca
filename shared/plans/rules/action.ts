// The schemas of actions: the steps of a plan around its groups and VMs.

import * as z from 'zod';
import { Minutes, ruleFields } from './rule.ts';

/** Lifeboat's id of a replicated VM. */
export const VmId = z
  .string()
  .regex(/^vm-[a-z2-7]{26}$/, "must be one of Lifeboat's ids, as GET /api/v1/replications lists them");

const RUNBOOK_ID =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Automation\/automationAccounts\/[^/]+\/runbooks\/[^/]+$/i;
const VM_ARM_ID =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Compute\/virtualMachines\/[^/]+$/i;
const HOST_AND_PORT = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]):([1-9]\d{0,4})$/i;
/** The longest script text, in characters. */
export const MAX_SCRIPT_CHARS = 64 * 1024;
const MAX_BODY_CHARS = 64 * 1024;

const Address = z
  .string()
  .max(2000)
  .refine(
    (text) => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol),
    'must be an address that begins with https:// or http://',
  );
export const ActionName = z.string().trim().min(1).max(200);

/** The runs that a plan can describe with its own groups. */
export const RunName = { failover: 'failover', testFailover: 'testFailover', failback: 'failback' } as const;
export type RunName = (typeof RunName)[keyof typeof RunName];

const commonFields = {
  name: ActionName.describe('The name of the action, for people.'),
  ...ruleFields,
  /**
   * A drill or a failback without its own groups uses the failover's groups, but not its actions.
   * A drill must not redirect real customers to the other site. A failback needs other actions.
   * With this field, an action belongs to these runs too.
   */
  alsoIn: z
    .array(z.enum([RunName.testFailover, RunName.failback]))
    .max(2)
    .default([])
    .describe("Runs that use the failover's groups and take this action too. Default: none."),
};

const kindOf = <Kind extends string>(kind: Kind) => z.literal(kind).describe('The kind of the action.');

const Runbook = z.strictObject({
  kind: kindOf('runbook'),
  ...commonFields,
  runbookId: z
    .string()
    .max(500)
    .regex(RUNBOOK_ID, 'must be the ARM id of a runbook in an automation account')
    .describe('The ARM id of a runbook in an automation account.'),
  parameters: z
    .record(z.string().min(1).max(200), z.string().max(4000))
    .default({})
    .describe('The parameters of the runbook, by name. Default: none.'),
});

/** Runs in a VM through run command. The hash is of the reviewed text: Lifeboat runs no other text. */
const Script = z
  .strictObject({
    kind: kindOf('script'),
    ...commonFields,
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal, lower case')
      .describe('The SHA-256 of the reviewed text, in hexadecimal. Lifeboat runs no other text.'),
    text: z
      .string()
      .min(1)
      .max(MAX_SCRIPT_CHARS)
      .optional()
      .describe('The text of the script, or "reference".'),
    reference: Address.optional().describe('The address from which the run reads the text, or "text".'),
    on: z
      .union(
        [VmId, z.string().max(500).regex(VM_ARM_ID)],
        "must be one of Lifeboat's ids, or the ARM id of a virtual machine",
      )
      .describe("Where it runs: Lifeboat's id, on the side of the active VM; or the ARM id of another VM."),
    shell: z.enum(['powershell', 'bash']).describe('The shell of the script.'),
  })
  .refine(
    ({ text, reference }) => (text === undefined) !== (reference === undefined),
    'must have either "text" or "reference"',
  );

const Http = z.strictObject({
  kind: kindOf('http'),
  ...commonFields,
  url: Address.describe('The address of the request. The settings must allow its host.'),
  method: z
    .enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
    .default('POST')
    .describe('The HTTP method. Default: POST.'),
  body: z.string().max(MAX_BODY_CHARS).default('').describe('The exact text of the body. Default: empty.'),
  key: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,40}$/, 'must be the name of a key')
    .describe('The name of the key that signs the request.'),
});

/** The target of a probe: an address or a TCP port. */
export const ProbeTarget = z.union(
  [
    /** Up after an answer with one of these status codes. */
    z.strictObject({
      url: Address.describe('The address to ask.'),
      status: z
        .array(z.int().min(100).max(599))
        .min(1)
        .max(20)
        .default([200])
        .describe('The HTTP statuses that mean "up". Default: 200.'),
    }),
    /** Up after a successful connection. */
    z.strictObject({
      tcp: z
        .string()
        .max(300)
        .regex(HOST_AND_PORT, 'must be host:port')
        .refine((text) => Number(HOST_AND_PORT.exec(text)?.[1]) <= 65535, 'must have a port up to 65535')
        .describe('The target as host:port. It is up once it takes a connection.'),
    }),
  ],
  'must be {"url": ...} or {"tcp": "host:port"}',
);
export type ProbeTarget = z.infer<typeof ProbeTarget>;

/** Repeats a request until the target is up. */
const Probe = z.strictObject({
  kind: kindOf('probe'),
  ...commonFields,
  target: ProbeTarget.describe('What to ask: an address, or a TCP port.'),
  everySeconds: z.int().min(5).max(600).default(15).describe('Seconds between two requests. Default: 15.'),
});

const Manual = z.strictObject({
  kind: kindOf('manual'),
  ...commonFields,
  instructions: z.string().trim().min(1).max(4000).describe('What the person has to do.'),
});

/** Approval by other persons than the requester of the run. */
const Approval = z.strictObject({
  kind: kindOf('approval'),
  ...commonFields,
  people: z.literal([1, 2]).default(1).describe('How many people must approve. Default: 1.'),
  from: z
    .array(z.string().trim().min(1).max(200))
    .min(1)
    .max(100)
    .optional()
    .describe('Object ids of the allowed approvers. Default: everybody with the role Approver.'),
});

const Wait = z.strictObject({
  kind: kindOf('wait'),
  ...commonFields,
  minutes: Minutes.describe('The length of the wait, in minutes.'),
});

/** An action of a plan. */
export const Action = z.discriminatedUnion('kind', [Runbook, Script, Http, Probe, Manual, Approval, Wait]);
export type Action = z.infer<typeof Action>;
/** An action of one kind. */
export type ActionOf<Kind extends Action['kind']> = Extract<Action, { kind: Kind }>;

export const MAX_ACTIONS = 100;
export const Actions = z.array(Action).max(MAX_ACTIONS).default([]);
