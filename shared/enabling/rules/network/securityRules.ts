// What a network security group does with a connection: rules in the order of their priority, the
// first that matches decides.
import { overlapOf, isPrivateRange, type Overlap } from './addressRanges.ts';
import type { SecurityGroupFacts, SecurityRule } from '../../../azure/facts.ts';

/** One end of a connection, as rules may write it. */
export interface ConnectionEnd {
  /** Service tags that mean it whole. */
  readonly tags: readonly string[];
  /** Addresses that it has; empty when it is a service, whose addresses nobody lists here. */
  readonly prefixes: readonly string[];
}

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
    // A range of public addresses may hold some of a service's.
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

export const byPriority = (rules: readonly SecurityRule[]): readonly SecurityRule[] =>
  rules.toSorted((a, b) => a.priority - b.priority || (a.name < b.name ? -1 : 1));

export interface ConnectionVerdict {
  readonly verdict: 'allowed' | 'blocked' | 'unsure';
  readonly group: SecurityGroupFacts;
  /** The one that decides, or that may; null when none allows it. */
  readonly rule: SecurityRule | null;
  /** The priority of the first rule that is, or may be, in the way: who would open it must come before. */
  readonly blockingPriority: number | null;
}

/** `unsure`: a rule before the deciding one denies some addresses, perhaps those in question. */
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
