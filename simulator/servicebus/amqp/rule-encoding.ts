// Decodes rules from clients (maps) and encodes rules for clients (described lists).

import type { CorrelationFilter, Filter, Rule } from '../entities.ts';
import { BrokerError } from '../broker-error.ts';
import { codec, describedValue, toPlainMap, type PlainMap, type AmqpValue } from './codec.ts';

const DESCRIPTOR = {
  rule: 0x137_0000_0004,
  noAction: 0x137_0000_0005,
  sql: 0x13_7000_0006,
  everything: 0x13_7000_0007,
  nothing: 0x13_7000_0008,
  correlation: 0x13_7000_0009,
} as const;

/** In the order of the described list. */
const CORRELATION_FIELDS = [
  ['correlation-id', 'correlationId'],
  ['message-id', 'messageId'],
  ['to', 'to'],
  ['reply-to', 'replyTo'],
  ['label', 'label'],
  ['session-id', 'sessionId'],
  ['reply-to-session-id', 'replyToSessionId'],
  ['content-type', 'contentType'],
] as const;

export function readRule(name: string, description: PlainMap): Rule {
  const action = toPlainMap(description['sql-rule-action'])['expression'];
  if (action !== undefined && action !== null && action !== '')
    throw new BrokerError(
      'amqp:not-implemented',
      'The simulator does not support rules with actions, only filters.',
    );
  return { name, ...readFilter(description) };
}

function readFilter(description: PlainMap): Filter {
  if (description['sql-filter'] !== undefined) {
    return {
      filterType: 'SqlFilter',
      sqlFilter: { sqlExpression: String(toPlainMap(description['sql-filter'])['expression']) },
    };
  }
  if (description['true-filter'] !== undefined)
    return { filterType: 'SqlFilter', sqlFilter: { sqlExpression: '1=1' } };
  if (description['false-filter'] !== undefined)
    return { filterType: 'SqlFilter', sqlFilter: { sqlExpression: '1=0' } };
  if (description['correlation-filter'] === undefined)
    throw new BrokerError(
      'com.microsoft:argument-error',
      'A rule needs a SQL filter or a correlation filter.',
    );
  const correlation = toPlainMap(description['correlation-filter']);
  const system = CORRELATION_FIELDS.flatMap(([theirs, ours]) =>
    typeof correlation[theirs] === 'string' ? [[ours, correlation[theirs]] as const] : [],
  );
  const properties =
    correlation['properties'] === undefined || correlation['properties'] === null
      ? {}
      : { properties: toPlainMap(correlation['properties']) as NonNullable<CorrelationFilter['properties']> };
  return {
    filterType: 'CorrelationFilter',
    correlationFilter: { ...Object.fromEntries(system), ...properties },
  };
}

export const encodeRules = (rules: readonly Rule[]): PlainMap[] =>
  rules.map((rule) => ({
    'rule-description': describedValue(
      DESCRIPTOR.rule,
      codec.wrap_list([
        encodeFilter(rule),
        describedValue(DESCRIPTOR.noAction, codec.wrap_list([])),
        rule.name,
      ]),
    ),
  }));

function encodeFilter(filter: Filter): AmqpValue {
  if (filter.filterType === 'CorrelationFilter') {
    const { properties, ...system } = filter.correlationFilter;
    const fields = CORRELATION_FIELDS.map(([, ours]) => system[ours] ?? null);
    return describedValue(
      DESCRIPTOR.correlation,
      codec.wrap_list([...fields, properties === undefined ? null : codec.wrap_map(properties)]),
    );
  }
  const { sqlExpression } = filter.sqlFilter;
  if (sqlExpression === '1=1') return describedValue(DESCRIPTOR.everything, codec.wrap_list([]));
  if (sqlExpression === '1=0') return describedValue(DESCRIPTOR.nothing, codec.wrap_list([]));
  return describedValue(DESCRIPTOR.sql, codec.wrap_list([sqlExpression, codec.wrap_int(20)]));
}
