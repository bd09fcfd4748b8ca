// Evaluates the rules of a network security group for one connection. The first matching rule in
// the order of priority decides. Pure.
import { overlapOf, isPrivateRange, type Overlap } from '../../../enabling/addressRanges.ts';
import type { SecurityGroupFacts, SecurityRule } from '../../../../azure/facts.ts';

/** One end of a connection, in the terms of security rules. */
export interface ConnectionEnd {
  /** The service tags that cover this whole end. */
  readonly tags: readonly string[];
  /** The addresses of this end. Empty for a service, because its addresses are not listed here. */
  readonly prefixes: readonly string[];
}

/** One connection, in the terms of security rules. */
export interface Connection {
  readonly direction: SecurityRule['direction'];
  readonly port: number;
  readonly source: ConnectionEnd;
  readonly destination: ConnectionEnd;
}

const ANY_ADDRESS: ReadonlySet<string> = new Set(['*', 'any', '0.0.0.0/0']);
const OVERLAP_ORDER: readonly Overlap[] = ['none', 'some', 'all'];
const largestOverlap = (overlaps: readonly Overlap[]): Overlap =>
  OVERLAP_ORDER[Math.max(0, ...overlaps.map((overlap) => OVERLAP_ORDER.indexOf(overlap)))] ?? 'none';
const smallestOverlap = (overlaps: readonly Overlap[]): Overlap =>
  OVERLAP_ORDER[Math.min(...overlaps.map((overlap) => OVERLAP_ORDER.indexOf(overlap)))] ?? 'none';

function overlapOfPrefix(prefix: string, end: ConnectionEnd): Overlap {
  const text = prefix.toLowerCase();
  if (ANY_ADDRESS.has(text) || end.tags.some((tag) => tag.toLowerCase() === text)) return 'all';
  if (end.prefixes.length === 0) {
    // A range of public addresses may contain addresses of the service.
    return overlapOf(prefix, prefix) !== undefined && !isPrivateRange(prefix) ? 'some' : 'none';
  }
  const overlaps = end.prefixes.map((ownPrefix) => overlapOf(prefix, ownPrefix) ?? 'none');
  return overlaps.every((overlap) => overlap === 'all')
    ? 'all'
    : overlaps.some((overlap) => overlap !== 'none')
      ? 'some'
      : 'none';
}

const overlapOfPrefixes = (prefixes: readonly string[], end: ConnectionEnd): Overlap =>
  largestOverlap(prefixes.map((prefix) => overlapOfPrefix(prefix, end)));

function includesPort(portRanges: readonly string[], port: number): boolean {
  return portRanges.some((range) => {
    if (range === '*') return true;
    const [from, to = from] = range.split('-').map(Number);
    return from !== undefined && to !== undefined && from <= port && port <= to;
  });
}

function overlapOfRule(rule: SecurityRule, connection: Connection): Overlap {
  if (
    rule.direction !== connection.direction ||
    !['tcp', '*'].includes(rule.protocol.toLowerCase()) ||
    !includesPort(rule.destinationPorts, connection.port)
  )
    return 'none';
  return smallestOverlap([
    overlapOfPrefixes(rule.sources, connection.source),
    overlapOfPrefixes(rule.destinations, connection.destination),
  ]);
}

/** The rules in the order of their priority. */
export const byPriority = (rules: readonly SecurityRule[]): readonly SecurityRule[] =>
  rules.toSorted((first, second) => first.priority - second.priority || (first.name < second.name ? -1 : 1));

/** The verdict of one security group about a connection. */
export interface ConnectionVerdict {
  readonly verdict: 'allowed' | 'blocked' | 'unsure';
  readonly group: SecurityGroupFacts;
  /** The deciding rule, or the possibly deciding rule; null when no rule allows the connection. */
  readonly rule: SecurityRule | null;
  /**
   * The priority of the first rule that blocks, or may block. An allowing rule must come before it.
   */
  readonly blockingPriority: number | null;
}

/**
 * `unsure`: a rule before the deciding rule denies some addresses, perhaps the addresses of this
 * connection.
 */
export function evaluateSecurityGroup(group: SecurityGroupFacts, connection: Connection): ConnectionVerdict {
  let possibleDeny: SecurityRule | null = null;
  for (const rule of byPriority(group.rules)) {
    const overlap = overlapOfRule(rule, connection);
    if (rule.access === 'Deny' && overlap === 'some') possibleDeny ??= rule;
    if (overlap !== 'all') continue;
    if (rule.access === 'Deny')
      return { verdict: 'blocked', group, rule, blockingPriority: (possibleDeny ?? rule).priority };
    return possibleDeny
      ? { verdict: 'unsure', group, rule: possibleDeny, blockingPriority: possibleDeny.priority }
      : { verdict: 'allowed', group, rule, blockingPriority: null };
  }
  return { verdict: 'blocked', group, rule: possibleDeny, blockingPriority: possibleDeny?.priority ?? null };
}
