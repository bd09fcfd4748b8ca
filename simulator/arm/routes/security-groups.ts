// The routes of network security groups and their rules.

import * as z from 'zod';

import type { SimulatorResponse } from '../../wire/exchange.ts';
import { armError, invalidRequest, ok } from '../responses.ts';
import { etagOf, SUCCEEDED } from '../build/common.ts';
import { securityGroupResource } from '../build/networks.ts';
import { acceptOperation, acceptCreation } from '../operation-polling.ts';
import {
  withResource,
  kindRoutes,
  type ResourceKind,
  type CreationResult,
  type ResourceDefinition,
} from '../resource-kinds.ts';
import {
  get,
  RESOURCE_GROUP,
  put,
  remove,
  type ArmRequest,
  type ArmRoute,
  type PathParameters,
} from '../request.ts';
import { RESOURCE_TYPES } from '../resource-types.ts';
import type { Resource, Properties } from '../resource.ts';

const optionalTexts = z
  .array(z.string())
  .nullish()
  .transform((given) => given ?? []);
const optionalText = z
  .string()
  .nullish()
  .transform((given) => given ?? undefined);
const ruleShape = z.looseObject({
  priority: z.int().min(100).max(4096),
  direction: z.enum(['Inbound', 'Outbound']),
  access: z.enum(['Allow', 'Deny']),
  protocol: z.string(),
  description: optionalText,
  sourceAddressPrefix: optionalText,
  sourceAddressPrefixes: optionalTexts,
  destinationAddressPrefix: optionalText,
  destinationAddressPrefixes: optionalTexts,
  sourcePortRange: optionalText,
  sourcePortRanges: optionalTexts,
  destinationPortRange: optionalText,
  destinationPortRanges: optionalTexts,
});

/** A rule as its group stores it. */
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

const PREFIX_AND_PORT_FIELDS = [
  ['sourceAddressPrefix', 'sourceAddressPrefixes'],
  ['destinationAddressPrefix', 'destinationAddressPrefixes'],
  ['sourcePortRange', 'sourcePortRanges'],
  ['destinationPortRange', 'destinationPortRanges'],
] as const;

function readRule(groupId: string, name: string, properties: unknown): Rule | SimulatorResponse {
  const read = ruleShape.safeParse(properties);
  if (!read.success)
    return armError(
      400,
      'InvalidRequestFormat',
      `Security rule ${name} is invalid: ${z.prettifyError(read.error)}`,
    );
  for (const [single, list] of PREFIX_AND_PORT_FIELDS) {
    if (read.data[single] === undefined && read.data[list].length === 0)
      return armError(
        400,
        'SecurityRuleParameterMissing',
        `Security rule ${name} must have ${single} or ${list}.`,
      );
  }
  const id = `${groupId}/securityRules/${name}`;
  return {
    name,
    id,
    etag: etagOf(id),
    type: `${RESOURCE_TYPES.networkSecurityGroup}/securityRules`,
    properties: { ...SUCCEEDED, ...read.data },
  };
}

function ruleConflict(rules: readonly Rule[]): SimulatorResponse | undefined {
  for (const [index, rule] of rules.entries()) {
    const other = rules
      .slice(0, index)
      .find(
        ({ properties }) =>
          properties.priority === rule.properties.priority &&
          properties.direction === rule.properties.direction,
      );
    if (other)
      return armError(
        400,
        'SecurityRuleConflict',
        `Security rule ${rule.name} conflicts with rule ${other.name}. Rules cannot have the same ` +
          'Priority and Direction.',
      );
  }
  return undefined;
}

const groupShape = z.looseObject({
  securityRules: z.array(z.looseObject({ name: z.string(), properties: z.unknown() })).nullish(),
});

function createGroup({ id, location, tags, properties }: ResourceDefinition): CreationResult {
  const read = groupShape.safeParse(properties);
  if (!read.success) return { refused: invalidRequest(z.prettifyError(read.error)) };
  const rules: Rule[] = [];
  for (const { name, properties: its } of read.data.securityRules ?? []) {
    const rule = readRule(id, name, its);
    if ('status' in rule) return { refused: rule as SimulatorResponse };
    rules.push(rule);
  }
  const bad = ruleConflict(rules);
  return bad ? { refused: bad } : securityGroupResource({ id, location, rules, tags });
}

const securityGroupIdOf = (value: unknown): string | undefined =>
  (value as { networkSecurityGroup?: { id: string } } | undefined)?.networkSecurityGroup?.id.toLowerCase();

function securityGroupInUse({ world }: ArmRequest, { id, name }: Resource): SimulatorResponse | undefined {
  const groupId = id.toLowerCase();
  const nic = world
    .list({ type: RESOURCE_TYPES.networkInterface })
    .find(({ properties }) => securityGroupIdOf(properties) === groupId);
  const network = world
    .list({ type: RESOURCE_TYPES.virtualNetwork })
    .find(({ properties }) =>
      (properties['subnets'] as readonly { properties: unknown }[]).some(
        (subnet) => securityGroupIdOf(subnet.properties) === groupId,
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

const securityGroupKind: ResourceKind = {
  type: RESOURCE_TYPES.networkSecurityGroup,
  create: (_request, definition) => createGroup(definition),
  creationStyle: 'created',
  seconds: 4,
  canPatchTags: true,
  checkRemoval: securityGroupInUse,
};

const SECURITY_GROUP = `${RESOURCE_GROUP}/providers/${RESOURCE_TYPES.networkSecurityGroup}/{name}`;
const RULE = `${SECURITY_GROUP}/securityRules/{rule}`;
const hasName =
  (name = '') =>
  (rule: Rule): boolean =>
    rule.name.toLowerCase() === name.toLowerCase();
const withRules = (group: Resource, rules: readonly Rule[]): Resource => ({
  ...group,
  properties: { ...group.properties, securityRules: rules },
});
const withGroup = (
  request: ArmRequest,
  names: PathParameters,
  go: (group: Resource) => SimulatorResponse,
): SimulatorResponse | undefined => withResource(request, RESOURCE_TYPES.networkSecurityGroup, names, go);

const putRule = (request: ArmRequest, names: PathParameters): SimulatorResponse | undefined =>
  withGroup(request, names, (group) => {
    const name = names['rule'] ?? '';
    const rule = readRule(
      group.id,
      name,
      (request.exchange.json() as { properties?: unknown } | undefined)?.properties,
    );
    if ('status' in rule) return rule as SimulatorResponse;
    const others = rulesOf(group).filter((rule) => !hasName(name)(rule));
    const bad = ruleConflict([...others, rule]);
    if (bad) return bad;
    request.world.put(withRules(group, [...others, rule]));
    const isNew = others.length === rulesOf(group).length;
    return acceptCreation(
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

const removeRule = (request: ArmRequest, names: PathParameters): SimulatorResponse | undefined =>
  withGroup(request, names, (group) => {
    const rest = rulesOf(group).filter((rule) => !hasName(names['rule'])(rule));
    if (rest.length === rulesOf(group).length) return { status: 204 };
    request.world.put(withRules(group, rest));
    return acceptOperation(request, {
      resource: group.id,
      location: group.location ?? '',
      operation: { seconds: 3, effects: [], leadsTo: 'nothing' },
    });
  });

export const securityRoutes: readonly ArmRoute[] = [
  ...kindRoutes(securityGroupKind),
  get(`${SECURITY_GROUP}/securityRules`, (request, names) =>
    withGroup(request, names, (group) => ok({ value: rulesOf(group) })),
  ),
  get(RULE, (request, names) =>
    withGroup(request, names, (group) => {
      const rule = rulesOf(group).find(hasName(names['rule']));
      return rule
        ? ok(rule)
        : armError(404, 'NotFound', `Resource ${group.id}/securityRules/${names['rule'] ?? ''} not found.`);
    }),
  ),
  put(RULE, putRule),
  remove(RULE, removeRule),
];
