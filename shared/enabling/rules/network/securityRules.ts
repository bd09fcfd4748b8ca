// What a network security group does with a connection: rules in the order of their priority, the
// first that matches decides.
import { covers, isPrivate, type Overlap } from './addresses.ts';
import type { SecurityGroupFacts, SecurityRule } from '../../../azure/facts.ts';

/** One end of a connection, as rules may write it. */
export interface End {
  /** Service tags that mean it whole. */
  readonly tags: readonly string[];
  /** Addresses that it has; empty when it is a service, whose addresses nobody lists here. */
  readonly prefixes: readonly string[];
}

export interface Connection {
  readonly direction: SecurityRule['direction'];
  readonly port: number;
  readonly source: End;
  readonly destination: End;
}

const EVERYTHING: ReadonlySet<string> = new Set(['*', 'any', '0.0.0.0/0']);
const ORDER: readonly Overlap[] = ['none', 'some', 'all'];
const most = (overlaps: readonly Overlap[]): Overlap =>
  ORDER[Math.max(0, ...overlaps.map((one) => ORDER.indexOf(one)))] ?? 'none';
const least = (overlaps: readonly Overlap[]): Overlap =>
  ORDER[Math.min(...overlaps.map((one) => ORDER.indexOf(one)))] ?? 'none';

function matchesOne(written: string, end: End): Overlap {
  const text = written.toLowerCase();
  if (EVERYTHING.has(text) || end.tags.some((tag) => tag.toLowerCase() === text)) return 'all';
  if (end.prefixes.length === 0) {
    // A range of public addresses may hold some of a service's.
    return covers(written, written) !== undefined && !isPrivate(written) ? 'some' : 'none';
  }
  const overlaps = end.prefixes.map((prefix) => covers(written, prefix) ?? 'none');
  return overlaps.every((one) => one === 'all')
    ? 'all'
    : overlaps.some((one) => one !== 'none')
      ? 'some'
      : 'none';
}

const matchesEnd = (written: readonly string[], end: End): Overlap =>
  most(written.map((one) => matchesOne(one, end)));

function matchesPort(written: readonly string[], port: number): boolean {
  return written.some((one) => {
    if (one === '*') return true;
    const [from, to = from] = one.split('-').map(Number);
    return from !== undefined && to !== undefined && from <= port && port <= to;
  });
}

function matches(rule: SecurityRule, connection: Connection): Overlap {
  if (
    rule.direction !== connection.direction ||
    !['tcp', '*'].includes(rule.protocol.toLowerCase()) ||
    !matchesPort(rule.destinationPorts, connection.port)
  )
    return 'none';
  return least([
    matchesEnd(rule.sources, connection.source),
    matchesEnd(rule.destinations, connection.destination),
  ]);
}

export const inOrder = (rules: readonly SecurityRule[]): readonly SecurityRule[] =>
  rules.toSorted((a, b) => a.priority - b.priority || (a.name < b.name ? -1 : 1));

export interface Judged {
  readonly verdict: 'allowed' | 'blocked' | 'unsure';
  readonly group: SecurityGroupFacts;
  /** The one that decides, or that may; null when none allows it. */
  readonly rule: SecurityRule | null;
  /** The priority of the first rule that is, or may be, in the way: who would open it must come before. */
  readonly before: number | null;
}

/** `unsure`: a rule before the deciding one denies some addresses, perhaps those in question. */
export function judgeGroup(group: SecurityGroupFacts, connection: Connection): Judged {
  let perhaps: SecurityRule | null = null;
  for (const rule of inOrder(group.rules)) {
    const overlap = matches(rule, connection);
    if (rule.access === 'Deny' && overlap === 'some') perhaps ??= rule;
    if (overlap !== 'all') continue;
    if (rule.access === 'Deny')
      return { verdict: 'blocked', group, rule, before: (perhaps ?? rule).priority };
    return perhaps
      ? { verdict: 'unsure', group, rule: perhaps, before: perhaps.priority }
      : { verdict: 'allowed', group, rule, before: null };
  }
  return { verdict: 'blocked', group, rule: perhaps, before: perhaps?.priority ?? null };
}
