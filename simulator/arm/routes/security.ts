// Network security groups and their rules.

import * as z from 'zod';

import type { Answer } from '../../wire/exchange.ts';
import { armError, invalidRequest, ok } from '../answers.ts';
import { etagOf, SUCCEEDED } from '../build/common.ts';
import { securityGroupResource } from '../build/networks.ts';
import { acceptedWork, createdWork } from '../follow.ts';
import { atResource, kindRoutes, type Kind, type Made, type Wanted } from '../kinds.ts';
import { get, GROUP, put, remove, type ArmRequest, type ArmRoute, type Names } from '../request.ts';
import { TYPES } from '../types.ts';
import type { Resource, Properties } from '../resource.ts';

const strings = z
  .array(z.string())
  .nullish()
  .transform((given) => given ?? []);
const text = z
  .string()
  .nullish()
  .transform((given) => given ?? undefined);
const ruleShape = z.looseObject({
  priority: z.int().min(100).max(4096),
  direction: z.enum(['Inbound', 'Outbound']),
  access: z.enum(['Allow', 'Deny']),
  protocol: z.string(),
  description: text,
  sourceAddressPrefix: text,
  sourceAddressPrefixes: strings,
  destinationAddressPrefix: text,
  destinationAddressPrefixes: strings,
  sourcePortRange: text,
  sourcePortRanges: strings,
  destinationPortRange: text,
  destinationPortRanges: strings,
});

/** A rule as it is kept in its group. */
export interface Rule extends Properties {
  readonly name: string;
  readonly properties: {
    readonly priority: number;
    readonly direction: string;
    readonly access: string;
    readonly protocol: string;
    readonly sourceAddressPrefix?: string | undefined;
    readonly sourceAddressPrefixes: readonly string[];
    readonly destinationAddressPrefix?: string | undefined;
    readonly destinationAddressPrefixes: readonly string[];
    readonly sourcePortRange?: string | undefined;
    readonly sourcePortRanges: readonly string[];
    readonly destinationPortRange?: string | undefined;
    readonly destinationPortRanges: readonly string[];
  };
}

export const rulesOf = (group: Resource): readonly Rule[] =>
  group.properties['securityRules'] as readonly Rule[];
export const defaultRulesOf = (group: Resource): readonly Rule[] =>
  group.properties['defaultSecurityRules'] as readonly Rule[];

const ENDS = [
  ['sourceAddressPrefix', 'sourceAddressPrefixes'],
  ['destinationAddressPrefix', 'destinationAddressPrefixes'],
  ['sourcePortRange', 'sourcePortRanges'],
  ['destinationPortRange', 'destinationPortRanges'],
] as const;

function readRule(groupId: string, name: string, properties: unknown): Rule | Answer {
  const read = ruleShape.safeParse(properties);
  if (!read.success)
    return armError(
      400,
      'InvalidRequestFormat',
      `Security rule ${name} is invalid: ${z.prettifyError(read.error)}`,
    );
  for (const [one, many] of ENDS) {
    if (read.data[one] === undefined && read.data[many].length === 0)
      return armError(
        400,
        'SecurityRuleParameterMissing',
        `Security rule ${name} must say ${one} or ${many}.`,
      );
  }
  const id = `${groupId}/securityRules/${name}`;
  return {
    name,
    id,
    etag: etagOf(id),
    type: `${TYPES.networkSecurityGroup}/securityRules`,
    properties: { ...SUCCEEDED, ...read.data },
  };
}

function conflict(rules: readonly Rule[]): Answer | undefined {
  for (const [index, one] of rules.entries()) {
    const other = rules
      .slice(0, index)
      .find(
        ({ properties }) =>
          properties.priority === one.properties.priority &&
          properties.direction === one.properties.direction,
      );
    if (other)
      return armError(
        400,
        'SecurityRuleConflict',
        `Security rule ${one.name} conflicts with rule ${other.name}. Rules cannot have the same ` +
          'Priority and Direction.',
      );
  }
  return undefined;
}

const groupShape = z.looseObject({
  securityRules: z.array(z.looseObject({ name: z.string(), properties: z.unknown() })).nullish(),
});

function makeGroup({ id, location, tags, properties }: Wanted): Made {
  const read = groupShape.safeParse(properties);
  if (!read.success) return { refused: invalidRequest(z.prettifyError(read.error)) };
  const rules: Rule[] = [];
  for (const { name, properties: its } of read.data.securityRules ?? []) {
    const rule = readRule(id, name, its);
    if ('status' in rule) return { refused: rule as Answer };
    rules.push(rule);
  }
  const bad = conflict(rules);
  return bad ? { refused: bad } : securityGroupResource({ id, location, rules, tags });
}

const groupIn = (value: unknown): string | undefined =>
  (value as { networkSecurityGroup?: { id: string } } | undefined)?.networkSecurityGroup?.id.toLowerCase();

function users({ world }: ArmRequest, { id, name }: Resource): Answer | undefined {
  const wanted = id.toLowerCase();
  const nic = world
    .list({ type: TYPES.networkInterface })
    .find(({ properties }) => groupIn(properties) === wanted);
  const network = world
    .list({ type: TYPES.virtualNetwork })
    .find(({ properties }) =>
      (properties['subnets'] as readonly { properties: unknown }[]).some(
        (subnet) => groupIn(subnet.properties) === wanted,
      ),
    );
  const user = nic ?? network;
  return (
    user &&
    armError(
      400,
      'InUseNetworkSecurityGroupCannotBeDeleted',
      `Network security group ${name} cannot be deleted because it is in use by the following ` +
        `resources: ${user.id}.`,
    )
  );
}

const groupKind: Kind = {
  type: TYPES.networkSecurityGroup,
  make: (_request, wanted) => makeGroup(wanted),
  makes: 'created',
  seconds: 4,
  patches: true,
  mayRemove: users,
};

const SECURITY_GROUP = `${GROUP}/providers/${TYPES.networkSecurityGroup}/{name}`;
const RULE = `${SECURITY_GROUP}/securityRules/{rule}`;
const called =
  (name = '') =>
  (rule: Rule): boolean =>
    rule.name.toLowerCase() === name.toLowerCase();
const withRules = (group: Resource, rules: readonly Rule[]): Resource => ({
  ...group,
  properties: { ...group.properties, securityRules: rules },
});
const atGroup = (request: ArmRequest, names: Names, go: (group: Resource) => Answer): Answer | undefined =>
  atResource(request, TYPES.networkSecurityGroup, names, go);

const putRule = (request: ArmRequest, names: Names): Answer | undefined =>
  atGroup(request, names, (group) => {
    const name = names['rule'] ?? '';
    const rule = readRule(
      group.id,
      name,
      (request.exchange.json() as { properties?: unknown } | undefined)?.properties,
    );
    if ('status' in rule) return rule as Answer;
    const others = rulesOf(group).filter((one) => !called(name)(one));
    const bad = conflict([...others, rule]);
    if (bad) return bad;
    request.world.put(withRules(group, [...others, rule]));
    const isNew = others.length === rulesOf(group).length;
    return createdWork(
      request,
      {
        resource: group.id,
        location: group.location ?? '',
        operation: { seconds: 3, effects: [], leadsTo: { body: rule } },
      },
      isNew,
      rule,
    );
  });

const removeRule = (request: ArmRequest, names: Names): Answer | undefined =>
  atGroup(request, names, (group) => {
    const rest = rulesOf(group).filter((one) => !called(names['rule'])(one));
    if (rest.length === rulesOf(group).length) return { status: 204 };
    request.world.put(withRules(group, rest));
    return acceptedWork(request, {
      resource: group.id,
      location: group.location ?? '',
      operation: { seconds: 3, effects: [], leadsTo: 'nothing' },
    });
  });

export const securityRoutes: readonly ArmRoute[] = [
  ...kindRoutes(groupKind),
  get(`${SECURITY_GROUP}/securityRules`, (request, names) =>
    atGroup(request, names, (group) => ok({ value: rulesOf(group) })),
  ),
  get(RULE, (request, names) =>
    atGroup(request, names, (group) => {
      const rule = rulesOf(group).find(called(names['rule']));
      return rule
        ? ok(rule)
        : armError(404, 'NotFound', `Resource ${group.id}/securityRules/${names['rule'] ?? ''} not found.`);
    }),
  ),
  put(RULE, putRule),
  remove(RULE, removeRule),
];
