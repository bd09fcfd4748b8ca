// Rules as clients send them (maps) and as they get them (described lists).

import type { CorrelationFilter, Filter, Rule } from '../entities.ts';
import { Failure } from '../failure.ts';
import { codec, described, plainMap, type Plain, type Value } from './codec.ts';

const DESCRIPTOR = {
  rule: 0x137_0000_0004,
  noAction: 0x137_0000_0005,
  sql: 0x13_7000_0006,
  everything: 0x13_7000_0007,
  nothing: 0x13_7000_0008,
  correlation: 0x13_7000_0009,
} as const;

/** In the order of the described list. */
const FIELDS = [
  ['correlation-id', 'correlationId'],
  ['message-id', 'messageId'],
  ['to', 'to'],
  ['reply-to', 'replyTo'],
  ['label', 'label'],
  ['session-id', 'sessionId'],
  ['reply-to-session-id', 'replyToSessionId'],
  ['content-type', 'contentType'],
] as const;

export function ruleFrom(name: string, description: Plain): Rule {
  const action = plainMap(description['sql-rule-action'])['expression'];
  if (action !== undefined && action !== null && action !== '')
    throw new Failure(
      'amqp:not-implemented',
      'A rule with an action is not understood here: only filters are.',
    );
  return { name, ...filterFrom(description) };
}

function filterFrom(description: Plain): Filter {
  if (description['sql-filter'] !== undefined) {
    return {
      filterType: 'SqlFilter',
      sqlFilter: { sqlExpression: String(plainMap(description['sql-filter'])['expression']) },
    };
  }
  if (description['true-filter'] !== undefined)
    return { filterType: 'SqlFilter', sqlFilter: { sqlExpression: '1=1' } };
  if (description['false-filter'] !== undefined)
    return { filterType: 'SqlFilter', sqlFilter: { sqlExpression: '1=0' } };
  if (description['correlation-filter'] === undefined)
    throw new Failure('com.microsoft:argument-error', 'A rule needs a SQL filter or a correlation filter.');
  const given = plainMap(description['correlation-filter']);
  const system = FIELDS.flatMap(([theirs, ours]) =>
    typeof given[theirs] === 'string' ? [[ours, given[theirs]] as const] : [],
  );
  const properties =
    given['properties'] === undefined || given['properties'] === null
      ? {}
      : { properties: plainMap(given['properties']) as NonNullable<CorrelationFilter['properties']> };
  return {
    filterType: 'CorrelationFilter',
    correlationFilter: { ...Object.fromEntries(system), ...properties },
  };
}

export const rulesDescribed = (rules: readonly Rule[]): Plain[] =>
  rules.map((rule) => ({
    'rule-description': described(
      DESCRIPTOR.rule,
      codec.wrap_list([
        filterDescribed(rule),
        described(DESCRIPTOR.noAction, codec.wrap_list([])),
        rule.name,
      ]),
    ),
  }));

function filterDescribed(filter: Filter): Value {
  if (filter.filterType === 'CorrelationFilter') {
    const { properties, ...system } = filter.correlationFilter;
    const fields = FIELDS.map(([, ours]) => system[ours] ?? null);
    return described(
      DESCRIPTOR.correlation,
      codec.wrap_list([...fields, properties === undefined ? null : codec.wrap_map(properties)]),
    );
  }
  const { sqlExpression } = filter.sqlFilter;
  if (sqlExpression === '1=1') return described(DESCRIPTOR.everything, codec.wrap_list([]));
  if (sqlExpression === '1=0') return described(DESCRIPTOR.nothing, codec.wrap_list([]));
  return described(DESCRIPTOR.sql, codec.wrap_list([sqlExpression, codec.wrap_int(20)]));
}
