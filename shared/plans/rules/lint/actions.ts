// Whether the actions of a plan can be done, and end.
import { entryFor } from '../../../core/addresses.ts';
import type { Action, ActionOf } from '../action.ts';
import type { Group } from '../plan.ts';
import type { Rule } from '../rule.ts';
import type { LintFacts } from './facts.ts';
import { error, warning, type Finding, type Path } from '../../../core/finding.ts';

type Placed = readonly [action: Action, path: Path];

export const actionsFound = (groups: readonly Group[], path: Path): readonly Placed[] =>
  groups.flatMap((group, at) => [
    ...placed(group.before, [...path, at, 'before']),
    ...placed(group.after, [...path, at, 'after']),
    ...Object.entries(group.perVm).flatMap(([vm, { before, after }]) => [
      ...placed(before, [...path, at, 'perVm', vm, 'before']),
      ...placed(after, [...path, at, 'perVm', vm, 'after']),
    ]),
  ]);
export const placed = (actions: readonly Action[], path: Path): readonly Placed[] =>
  actions.map((action, at) => [action, [...path, at]]);

/** `drillMinutes`: the actions are a drill's, which lives so long; null: for ever. */
export const judgeActions = (
  actions: readonly Placed[],
  facts: LintFacts,
  drillMinutes?: number | null,
): readonly Finding[] =>
  actions.flatMap(([action, path]) => [
    ...endless(action, path, drillMinutes),
    ...optionalStops(action, path, `"${action.name}"`),
    ...cannotBeDone(action, path, facts),
  ]);

/** A wait ends by itself. Everything else may hang, and the run with it. */
function endless(
  { kind, name, critical, timeoutMinutes }: Action,
  path: Path,
  drillMinutes?: number | null,
): readonly Finding[] {
  if (kind === 'wait' || timeoutMinutes !== undefined) return [];
  if (typeof drillMinutes === 'number')
    return [
      warning(
        critical ? 'CriticalWithoutTimeout' : 'ActionWithoutTimeout',
        path,
        `"${name}" has no time-out. While it hangs, the drill goes on only when its time to live ` +
          `of ${drillMinutes} minutes is over: then "${name}" is given up, and the test VMs are ` +
          'cleaned up. Give it timeoutMinutes, and say with onTimeout what follows.',
      ),
    ];
  const standing = drillMinutes === null ? ', and the test VMs stand for ever' : '';
  if (critical)
    return [
      warning(
        'CriticalWithoutTimeout',
        path,
        `"${name}" is critical and has no time-out: if it never ends, all that waits for it ` +
          `waits for ever${standing}. Give it timeoutMinutes, and say with onTimeout what follows.`,
      ),
    ];
  return [
    warning(
      'ActionWithoutTimeout',
      path,
      `"${name}" has no time-out: it is optional, and yet the run is never over while it ` +
        `hangs${standing}. Give it timeoutMinutes.`,
    ),
  ];
}

function optionalStops(rule: Rule, path: Path, what: string): readonly Finding[] {
  const field =
    !rule.critical &&
    (rule.onFailure === 'stop' ? 'onFailure' : rule.onTimeout === 'stop' ? 'onTimeout' : null);
  return field
    ? [
        warning(
          'OptionalStops',
          [...path, field],
          `${what} is optional, and yet stops the whole run when it fails. Make it critical, or ` +
            'let the run go on.',
        ),
      ]
    : [];
}

export const judgeRules = (groups: readonly Group[], path: Path): readonly Finding[] =>
  groups.flatMap(({ name, rule, perVm }, at) => [
    ...optionalStops(rule, [...path, at, 'rule'], `Each VM of "${name}"`),
    ...Object.entries(perVm).flatMap(([vm, one]) =>
      one.rule ? optionalStops(one.rule, [...path, at, 'perVm', vm, 'rule'], vm) : [],
    ),
  ]);

function cannotBeDone(action: Action, path: Path, facts: LintFacts): readonly Finding[] {
  switch (action.kind) {
    case 'http':
      return [...address(action.url, [...path, 'url'], facts), ...unknownKey(action, path, facts)];
    case 'probe':
      return 'url' in action.target
        ? address(action.target.url, [...path, 'target', 'url'], facts)
        : connection(action.target.tcp, [...path, 'target', 'tcp'], facts);
    case 'script':
      return [
        ...otherText(action, path, facts),
        ...(action.reference === undefined ? [] : address(action.reference, [...path, 'reference'], facts)),
        ...unknownMachine(action, path, facts),
      ];
    case 'approval':
      return tooFew(action, path, facts);
    case 'runbook':
    case 'manual':
    case 'wait':
      return [];
  }
}

function address(url: string, path: Path, { addresses }: LintFacts): readonly Finding[] {
  if (!addresses || entryFor(new URL(url), addresses)) return [];
  return [
    error(
      'AddressNotAllowed',
      path,
      `${new URL(url).origin} is not on the list of addresses that Lifeboat may call. Have it ` +
        'put there, or name one that is.',
    ),
  ];
}

/**
 * What may be asked by HTTP may be tried by a connection alone; nothing else, or a plan would be a
 * way to look around in a network.
 */
function connection(hostAndPort: string, path: Path, { addresses }: LintFacts): readonly Finding[] {
  const urls = ['https', 'http']
    .map((scheme) => `${scheme}://${hostAndPort}`)
    .filter((url) => URL.canParse(url));
  if (!addresses || urls.some((url) => entryFor(new URL(url), addresses))) return [];
  return [
    error(
      'AddressNotAllowed',
      path,
      `${hostAndPort} is not on the list of addresses that Lifeboat may call. Have it put ` +
        'there, or name one that is.',
    ),
  ];
}

const unknownKey = ({ name, key }: ActionOf<'http'>, path: Path, { keys }: LintFacts): readonly Finding[] =>
  !keys || keys.has(key)
    ? []
    : [
        error(
          'KeyUnknown',
          [...path, 'key'],
          `Lifeboat has no key "${key}" to sign the request of "${name}" with. Have it set up, or ` +
            'name another.',
        ),
      ];

function otherText(
  { name, text, sha256 }: ActionOf<'script'>,
  path: Path,
  facts: LintFacts,
): readonly Finding[] {
  const is = text === undefined ? undefined : facts.sha256?.(text);
  return is === undefined || is === sha256
    ? []
    : [
        error(
          'ScriptChanged',
          [...path, 'sha256'],
          `The text of "${name}" is not the one that its hash stands for. If the change is meant, ` +
            `write its hash: ${is}.`,
        ),
      ];
}

const unknownMachine = (
  { name, on }: ActionOf<'script'>,
  path: Path,
  { vms }: LintFacts,
): readonly Finding[] =>
  !vms || on.startsWith('/') || vms.has(on)
    ? []
    : [
        error(
          'VmUnknown',
          [...path, 'on'],
          `"${name}" runs on ${on}, which Lifeboat does not know as a replicated VM. Name one that ` +
            `it knows, or the machine's ARM id.`,
        ),
      ];

/** Whoever asks for the run is none of those who may approve it. */
function tooFew(
  { name, people, from }: ActionOf<'approval'>,
  path: Path,
  { approvers }: LintFacts,
): readonly Finding[] {
  const able =
    from === undefined ? approvers : new Set(from.filter((one) => !approvers || approvers.has(one)));
  if (!able) return [];
  const asked = people === 1 ? 'one person' : 'two people';
  if (able.size < people)
    return [
      error(
        'NobodyCanApprove',
        path,
        `"${name}" asks ${asked} to approve, and ${able.size === 0 ? 'nobody' : 'only one'} of ` +
          'those it may ask can. Name more in "from", or have the role given to them.',
      ),
    ];
  return able.size > people
    ? []
    : [
        warning(
          'FewCanApprove',
          path,
          `"${name}" asks ${asked} to approve, and no more than that can: whenever one of them ` +
            'asks for the run, or is away, nobody is left. Name more.',
        ),
      ];
}
