// Lint checks of actions: Lifeboat can run each action, and each action ends.

import { findAllowedAddress } from '../../../core/allowedAddresses.ts';
import type { Action, ActionOf } from '../action.ts';
import type { Group } from '../plan.ts';
import type { StepRule } from '../rule.ts';
import type { LintFacts } from './facts.ts';
import { errorFinding, warningFinding, type LintFinding, type JsonPath } from '../../../core/finding.ts';

type PlacedAction = readonly [action: Action, path: JsonPath];

export const actionsWithPaths = (groups: readonly Group[], path: JsonPath): readonly PlacedAction[] =>
  groups.flatMap((group, groupIndex) => [
    ...withPaths(group.before, [...path, groupIndex, 'before']),
    ...withPaths(group.after, [...path, groupIndex, 'after']),
    ...Object.entries(group.perVm).flatMap(([vm, { before, after }]) => [
      ...withPaths(before, [...path, groupIndex, 'perVm', vm, 'before']),
      ...withPaths(after, [...path, groupIndex, 'perVm', vm, 'after']),
    ]),
  ]);
export const withPaths = (actions: readonly Action[], path: JsonPath): readonly PlacedAction[] =>
  actions.map((action, actionIndex) => [action, [...path, actionIndex]]);

/** Checks actions. `drillMinutes`: the time to live if they belong to a drill; null: no limit. */
export const checkActions = (
  actions: readonly PlacedAction[],
  facts: LintFacts,
  drillMinutes?: number | null,
): readonly LintFinding[] =>
  actions.flatMap(([action, path]) => [
    ...checkActionTimeout(action, path, drillMinutes),
    ...checkOptionalStops(action, path, `"${action.name}"`),
    ...checkFeasible(action, path, facts),
  ]);

/** A wait always ends. Any other action may hang and block the run. */
function checkActionTimeout(
  { kind, name, critical, timeoutMinutes }: Action,
  path: JsonPath,
  drillMinutes?: number | null,
): readonly LintFinding[] {
  if (kind === 'wait' || timeoutMinutes !== undefined) return [];
  if (typeof drillMinutes === 'number')
    return [
      warningFinding(
        critical ? 'CriticalWithoutTimeout' : 'ActionWithoutTimeout',
        path,
        `"${name}" has no time-out. While it hangs, the drill goes on only when its time to live ` +
          `of ${drillMinutes} minutes is over: then "${name}" is given up, and the test VMs are ` +
          'cleaned up. Give it timeoutMinutes, and say with onTimeout what follows.',
      ),
    ];
  const testVmsText = drillMinutes === null ? ', and the test VMs stay for ever' : '';
  if (critical)
    return [
      warningFinding(
        'CriticalWithoutTimeout',
        path,
        `"${name}" is critical and has no time-out: if it never ends, all that waits for it ` +
          `waits for ever${testVmsText}. Give it timeoutMinutes, and say with onTimeout what follows.`,
      ),
    ];
  return [
    warningFinding(
      'ActionWithoutTimeout',
      path,
      `"${name}" has no time-out: it is optional, and yet the run is never over while it ` +
        `hangs${testVmsText}. Give it timeoutMinutes.`,
    ),
  ];
}

function checkOptionalStops(rule: StepRule, path: JsonPath, subject: string): readonly LintFinding[] {
  const field =
    !rule.critical &&
    (rule.onFailure === 'stop' ? 'onFailure' : rule.onTimeout === 'stop' ? 'onTimeout' : null);
  return field
    ? [
        warningFinding(
          'OptionalStops',
          [...path, field],
          `${subject} is optional, and yet stops the whole run when it fails. Make it critical, or ` +
            'let the run go on.',
        ),
      ]
    : [];
}

export const checkRules = (groups: readonly Group[], path: JsonPath): readonly LintFinding[] =>
  groups.flatMap(({ name, rule, perVm }, groupIndex) => [
    ...checkOptionalStops(rule, [...path, groupIndex, 'rule'], `Each VM of "${name}"`),
    ...Object.entries(perVm).flatMap(([vm, vmActions]) =>
      vmActions.rule
        ? checkOptionalStops(vmActions.rule, [...path, groupIndex, 'perVm', vm, 'rule'], vm)
        : [],
    ),
  ]);

function checkFeasible(action: Action, path: JsonPath, facts: LintFacts): readonly LintFinding[] {
  switch (action.kind) {
    case 'http':
      return [...checkAddress(action.url, [...path, 'url'], facts), ...checkKey(action, path, facts)];
    case 'probe':
      return 'url' in action.target
        ? checkAddress(action.target.url, [...path, 'target', 'url'], facts)
        : checkConnection(action.target.tcp, [...path, 'target', 'tcp'], facts);
    case 'script':
      return [
        ...checkScriptHash(action, path, facts),
        ...(action.reference === undefined
          ? []
          : checkAddress(action.reference, [...path, 'reference'], facts)),
        ...checkMachine(action, path, facts),
      ];
    case 'approval':
      return checkApprovers(action, path, facts);
    case 'runbook':
    case 'manual':
    case 'wait':
      return [];
  }
}

function checkAddress(url: string, path: JsonPath, { addresses }: LintFacts): readonly LintFinding[] {
  if (!addresses || findAllowedAddress(new URL(url), addresses)) return [];
  return [
    errorFinding(
      'AddressNotAllowed',
      path,
      `${new URL(url).origin} is not on the list of addresses that Lifeboat may call. Have it ` +
        'put there, or name one that is.',
    ),
  ];
}

/**
 * A TCP probe may connect only to the allowed HTTP addresses. Otherwise a plan could scan a network.
 */
function checkConnection(
  hostAndPort: string,
  path: JsonPath,
  { addresses }: LintFacts,
): readonly LintFinding[] {
  const urls = ['https', 'http']
    .map((scheme) => `${scheme}://${hostAndPort}`)
    .filter((url) => URL.canParse(url));
  if (!addresses || urls.some((url) => findAllowedAddress(new URL(url), addresses))) return [];
  return [
    errorFinding(
      'AddressNotAllowed',
      path,
      `${hostAndPort} is not on the list of addresses that Lifeboat may call. Have it put ` +
        'there, or name one that is.',
    ),
  ];
}

const checkKey = (
  { name, key }: ActionOf<'http'>,
  path: JsonPath,
  { keys }: LintFacts,
): readonly LintFinding[] =>
  !keys || keys.has(key)
    ? []
    : [
        errorFinding(
          'KeyUnknown',
          [...path, 'key'],
          `Lifeboat has no key "${key}" to sign the request of "${name}" with. Have it set up, or ` +
            'name another.',
        ),
      ];

function checkScriptHash(
  { name, text, sha256 }: ActionOf<'script'>,
  path: JsonPath,
  facts: LintFacts,
): readonly LintFinding[] {
  const actualHash = text === undefined ? undefined : facts.sha256?.(text);
  return actualHash === undefined || actualHash === sha256
    ? []
    : [
        errorFinding(
          'ScriptChanged',
          [...path, 'sha256'],
          `The text of "${name}" does not match its hash. If the change is intended, ` +
            `write the new hash: ${actualHash}.`,
        ),
      ];
}

const checkMachine = (
  { name, on }: ActionOf<'script'>,
  path: JsonPath,
  { vms }: LintFacts,
): readonly LintFinding[] =>
  !vms || on.startsWith('/') || vms.has(on)
    ? []
    : [
        errorFinding(
          'VmUnknown',
          [...path, 'on'],
          `"${name}" runs on ${on}, which Lifeboat does not know as a replicated VM. Name one that ` +
            `it knows, or the machine's ARM id.`,
        ),
      ];

/** The requester of a run cannot approve that run. So `people` approvers are too few. */
function checkApprovers(
  { name, people, from }: ActionOf<'approval'>,
  path: JsonPath,
  { approvers }: LintFacts,
): readonly LintFinding[] {
  const ableApprovers =
    from === undefined
      ? approvers
      : new Set(from.filter((approverId) => !approvers || approvers.has(approverId)));
  if (!ableApprovers) return [];
  const askedText = people === 1 ? 'one person' : 'two people';
  if (ableApprovers.size < people)
    return [
      errorFinding(
        'NobodyCanApprove',
        path,
        `"${name}" asks ${askedText} to approve, and ${ableApprovers.size === 0 ? 'nobody' : 'only one'} of ` +
          'those it may ask can. Name more in "from", or have the role given to them.',
      ),
    ];
  return ableApprovers.size > people
    ? []
    : [
        warningFinding(
          'FewCanApprove',
          path,
          `"${name}" asks ${askedText} to approve, and no more than that can: whenever one of them ` +
            'asks for the run, or is away, nobody is left. Name more.',
        ),
      ];
}
