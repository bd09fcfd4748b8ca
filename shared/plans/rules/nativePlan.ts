// Converts a recovery plan of Site Recovery to a plan of Lifeboat.
// The conversion warns about every part that it cannot convert. It must never drop a part silently.

import { Action, RunName } from './action.ts';
import { Group, Plan } from './plan.ts';
import type { Warning } from '../../core/warning.ts';

export interface NativePlan {
  readonly armId: string;
  readonly name: string;
  readonly groups: readonly NativeGroup[];
}

/** A group of a native plan. */
export interface NativeGroup {
  /** Such as Shutdown, Failover or Boot. */
  readonly type: string;
  /** ARM ids of replicated items. */
  readonly items: readonly string[];
  readonly before: readonly NativeAction[];
  readonly after: readonly NativeAction[];
}

/** An action of a native plan. */
export interface NativeAction {
  readonly name: string;
  /** Operations by Site Recovery's names; an empty list means all. */
  readonly operations: readonly string[];
  readonly directions: readonly string[];
  readonly instanceType: string;
  readonly details: Readonly<Record<string, string | null>>;
}

/** Adds a warning about a part of the plan that is lost or changed, with the effect. */
type AddWarning = (code: string, message: string) => void;

export interface ConvertedPlan {
  readonly plan: Plan;
  readonly warnings: readonly Warning[];
}

type ConvertedRun = Exclude<RunName, 'failback'>;
const NATIVE_OPERATIONS: Record<ConvertedRun, readonly string[]> = {
  failover: ['UnplannedFailover', 'PlannedFailover'],
  testFailover: ['TestFailover'],
};
const KNOWN_OPERATIONS: readonly string[] = Object.values(NATIVE_OPERATIONS).flat();

/** Converts a native plan. `vmOf` returns Lifeboat's id of an item, by its ARM id. */
export function convertNativePlan(
  native: NativePlan,
  vmOf: (armId: string) => string | undefined,
): ConvertedPlan {
  const warnings: Warning[] = [];
  const addWarning: AddWarning = (code, message) => {
    if (!warnings.some((warning) => warning.message === message)) warnings.push({ code, message });
  };
  const { actionsBeforeBoot, bootGroups } = splitBootGroups(native, addWarning);
  const groups = (operation: ConvertedRun): Group[] =>
    bootGroups.map((group, index) =>
      Group.parse({
        name: `Group ${index + 1}`,
        waitsFor: index === 0 ? [] : [`Group ${index}`],
        vms: group.items.flatMap((armId) => vmOf(armId) ?? warnItemUnknown(armId, index, addWarning)),
        before: [...(index === 0 ? actionsBeforeBoot : []), ...group.before].flatMap((action) =>
          convertActionFor(operation, action, addWarning),
        ),
        after: group.after.flatMap((action) => convertActionFor(operation, action, addWarning)),
      }),
    );
  const plan = Plan.parse({
    name: native.name,
    runs: { failover: groups(RunName.failover), testFailover: groups(RunName.testFailover) },
  });
  return { plan, warnings };
}

/**
 * Only boot groups become groups of the plan. The actions around the shutdown and failover groups move
 * before the first boot group.
 */
function splitBootGroups(
  { groups }: NativePlan,
  addWarning: AddWarning,
): { readonly actionsBeforeBoot: readonly NativeAction[]; readonly bootGroups: readonly NativeGroup[] } {
  const boots = groups.filter(({ type }) => type === 'Boot');
  const others = groups.filter(({ type }) => type !== 'Boot');
  for (const { type } of others)
    if (type !== 'Shutdown' && type !== 'Failover')
      addWarning(
        'GroupKindUnknown',
        `The plan has a group of the kind "${type}", which Lifeboat does not know; its VMs and ` +
          'actions are not part of the plan.',
      );
  const known = others.filter(({ type }) => type === 'Shutdown' || type === 'Failover');
  for (const { type, before, after } of known) {
    if (before.length + after.length > 0)
      addWarning(
        'ActionsMoved',
        `What the plan does around its group ${type} ` +
          `(${[...before, ...after].map(({ name }) => name).join(', ')}) is done before its first ` +
          'group.',
      );
  }
  const emptyGroup: NativeGroup = { type: 'Boot', items: [], before: [], after: [] };
  return {
    actionsBeforeBoot: known.flatMap(({ before, after }) => [...before, ...after]),
    bootGroups: boots.length > 0 ? boots : [emptyGroup],
  };
}

function warnItemUnknown(armId: string, index: number, addWarning: AddWarning): string[] {
  addWarning(
    'ItemUnknown',
    `Group ${index + 1} has a replicated item that Lifeboat does not know, ${armId}; it is not ` +
      'part of the plan. Read the plan again once the item is protected.',
  );
  return [];
}

function convertActionFor(operation: ConvertedRun, action: NativeAction, addWarning: AddWarning): Action[] {
  const converted = convertAction(action, addWarning);
  if (!converted) {
    addWarning(
      'ActionKindUnknown',
      `The action "${action.name}" is of the kind "${action.instanceType}", which Lifeboat ` +
        'does not know; it is left out.',
    );
    return [];
  }
  if (action.directions.length > 0 && !action.directions.includes('PrimaryToRecovery')) {
    addWarning(
      'ActionLeftOut',
      `The action "${action.name}" is meant for the way back alone; it is left out of the way there.`,
    );
    return [];
  }
  if (action.operations.length > 0 && !action.operations.some((name) => KNOWN_OPERATIONS.includes(name))) {
    addWarning(
      'ActionLeftOut',
      `The action "${action.name}" is done at ${action.operations.join(', ')} alone, which is ` +
        'no run of a plan; it is left out.',
    );
    return [];
  }
  return action.operations.length === 0 ||
    action.operations.some((name) => NATIVE_OPERATIONS[operation].includes(name))
    ? [converted]
    : [];
}

function convertAction(
  { name, instanceType, details }: NativeAction,
  addWarning: AddWarning,
): Action | undefined {
  const side = details['fabricLocation'] === 'Primary' ? 'primary' : 'recovery';
  const nameAndTimeout = { name, ...parseTimeout(details['timeout'] ?? null) };
  const manual = (instructions: string): Action =>
    Action.parse({ kind: 'manual', ...nameAndTimeout, instructions });
  switch (instanceType) {
    case 'ScriptActionDetails':
      // Lifeboat cannot reach the script's server, and does not know the text of the script.
      addWarning(
        'ScriptBecomesManual',
        `The action "${name}" is a script on a server at the ${side} site, which Lifeboat cannot ` +
          'run; it is a manual step.',
      );
      return manual(
        `Run the script ${details['path'] ?? ''} at the ${side} site, and confirm when it is done.`,
      );
    case 'AutomationRunbookActionDetails': {
      const runbook = Action.safeParse({
        kind: 'runbook',
        ...nameAndTimeout,
        runbookId: details['runbookId'] ?? '',
      });
      if (runbook.success) return runbook.data;
      addWarning(
        'RunbookUnknown',
        `The action "${name}" names no runbook of an automation account; it is a manual step.`,
      );
      return manual(
        `Run the runbook ${details['runbookId'] ?? ''} at the ${side} site, and confirm when it is done.`,
      );
    }
    case 'ManualActionDetails':
      return manual(details['description']?.trim() || name);
    default:
      return undefined;
  }
}

/** Site Recovery's durations have days, hours, minutes and seconds, as in PT1H30M. */
const DURATION_PATTERN = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?$/;

function parseTimeout(text: string | null): { readonly timeoutMinutes?: number } {
  const found = text === null ? null : DURATION_PATTERN.exec(text);
  if (!found) return {};
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = found
    .slice(1)
    .map((part) => Number((part as string | undefined) ?? 0));
  const timeoutMinutes = (days * 24 + hours) * 60 + minutes + seconds / 60;
  return timeoutMinutes > 0 && timeoutMinutes <= 7 * 24 * 60 ? { timeoutMinutes } : {};
}
