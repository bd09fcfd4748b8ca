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
        `Lifeboat does not know the kind "${type}" of a group. The imported plan does not have the VMs ` +
          'and the actions of this group.',
      );
  const known = others.filter(({ type }) => type === 'Shutdown' || type === 'Failover');
  for (const { type, before, after } of known) {
    if (before.length + after.length > 0)
      addWarning(
        'ActionsMoved',
        `The group ${type} has actions: ` +
          `${[...before, ...after].map(({ name }) => name).join(', ')}. The imported plan does them ` +
          'before its first group.',
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
    `Lifeboat does not know the replicated item ${armId} of group ${index + 1}. The imported plan ` +
      'does not have this VM. Read the plan again when the item is protected.',
  );
  return [];
}

function convertActionFor(operation: ConvertedRun, action: NativeAction, addWarning: AddWarning): Action[] {
  const converted = convertAction(action, addWarning);
  if (!converted) {
    addWarning(
      'ActionKindUnknown',
      `Lifeboat does not know the kind "${action.instanceType}" of the action "${action.name}". The ` +
        'imported plan does not have this action.',
    );
    return [];
  }
  if (action.directions.length > 0 && !action.directions.includes('PrimaryToRecovery')) {
    addWarning(
      'ActionLeftOut',
      `The action "${action.name}" is only for the direction back to the source. The imported plan does ` +
        'not have this action.',
    );
    return [];
  }
  if (action.operations.length > 0 && !action.operations.some((name) => KNOWN_OPERATIONS.includes(name))) {
    addWarning(
      'ActionLeftOut',
      `The action "${action.name}" is only for ${action.operations.join(', ')}, and Lifeboat has no such ` +
        'run of a plan. The imported plan does not have this action.',
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
        `The action "${name}" is a script on a server at the ${side} site. Lifeboat cannot run this ` +
          'script, so the imported plan has a manual action for it.',
      );
      return manual(
        `Run the script ${details['path'] ?? ''} at the ${side} site. Answer when the script has ended.`,
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
        `The action "${name}" names no runbook of an automation account, so the imported plan has a ` +
          'manual action for it.',
      );
      return manual(
        `Run the runbook ${details['runbookId'] ?? ''} at the ${side} site. Answer when it has ended.`,
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
